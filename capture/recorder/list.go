package recorder

// All lists every kind of source, in the order of "abroad sources".
var All = []*Plugin{
	android,
	androidRoot,
	file,
	ios,
	linux,
	remote,
}

// Find returns the plug-in of that name, or nil.
func Find(name string) *Plugin {
	for _, p := range All {
		if p.Name == name {
			return p
		}
	}
	return nil
}
