// grpc-go's server as it comes, with nothing registered; keepalive times as arguments:
// `grpc-server ADDRESS TIME_MS TIMEOUT_MS` (0 = the library's default).
package main

import (
	"net"
	"os"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
)

func argument(index int) time.Duration {
	ms, err := strconv.Atoi(os.Args[index])
	if err != nil {
		panic(err)
	}
	return time.Duration(ms) * time.Millisecond
}

func main() {
	listener, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		panic(err)
	}
	server := grpc.NewServer(grpc.KeepaliveParams(keepalive.ServerParameters{
		Time:    argument(2),
		Timeout: argument(3),
	}))
	panic(server.Serve(listener))
}
