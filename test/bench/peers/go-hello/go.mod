module pilotlight/bench/go-hello

go 1.24
