package lab

// A step is one thing that the operator would do, and the requests that the program on the phone makes because of it.
type step struct {
	Name     string
	requests []request
}

// A request is one use of a service. Up is the length of the body in octets.
type request struct {
	host, method, path string
	up                 int
}

// script is what a program does. Version 2 of the practice app sends metrics to a new party, uploads to another machine, asks for advertising in every session
// and no longer needs the old service in the clear: the same changes as between the practice recordings. Version 0 is the operating system.
func script(version int) []step {
	if version == 0 {
		return []step{{"idle", []request{
			{"connectivity.os.example", "GET", "/generate_204", 0},
			{"update.os.example", "GET", "/check?build=1", 0},
		}}}
	}
	steps := []step{
		{"open the app", []request{{"api.practice.example", "POST", "/v1/login", 240}, {"api.practice.example", "GET", "/v1/me", 0}}},
		{"scroll the feed", []request{{"feed.practice.example", "GET", "/v1/feed.bin", 0}, {"feed.practice.example", "GET", "/v1/more.bin", 0}}},
	}
	if version == 1 {
		return append(steps,
			step{"post private video", []request{{"upload.practice.example", "PUT", "/v1/video", 300_000}}},
			step{"open settings", []request{{"legacy.practice.example", "GET", "/config", 0}}})
	}
	return append(steps,
		step{"post private video", []request{{"upload-far.practice.example", "PUT", "/v1/video", 300_000}, {"metrics.tally.example", "POST", "/event", 900}}},
		step{"open settings", []request{{"ads.adrift.example", "GET", "/banner.bin", 0}}})
}
