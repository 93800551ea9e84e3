module abroad/tools/bench

go 1.26.0

require abroad v0.0.0

replace abroad => ../..
