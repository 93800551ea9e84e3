module abroad/tools/benchrecord

go 1.26.0

require (
	abroad v0.0.0
	golang.org/x/sys v0.49.0
)

require (
	github.com/klauspost/compress v1.20.3 // indirect
	golang.org/x/net v0.62.0 // indirect
)

replace abroad => ../..
