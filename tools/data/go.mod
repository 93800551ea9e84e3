module abroad/tools/data

go 1.26.0

require (
	abroad v0.0.0
	github.com/maxmind/mmdbwriter v1.2.0
	github.com/oschwald/maxminddb-golang/v2 v2.9.0
	go4.org/netipx v0.0.0-20231129151722-fdeea329fbba
)

require golang.org/x/sys v0.49.0 // indirect

replace abroad => ../..
