module abroad/tools/accuracy

go 1.26.0
