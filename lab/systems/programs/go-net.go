// A listener of Go's net as it comes: accepts and reads. `go-net ADDRESS`.
package main

import (
	"io"
	"net"
	"os"
)

func main() {
	listener, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		panic(err)
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			panic(err)
		}
		go func() {
			io.Copy(io.Discard, connection)
			connection.Close()
		}()
	}
}
