// gorilla/websocket's chat example (examples/chat/client.go: readPump and writePump) without the hub, its times as
// arguments: `gorilla-chat ADDRESS PONG_WAIT_MS PING_PERIOD_MS WRITE_WAIT_MS`.
package main

import (
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/gorilla/websocket"
)

func argument(index int) time.Duration {
	ms, err := strconv.Atoi(os.Args[index])
	if err != nil {
		panic(err)
	}
	return time.Duration(ms) * time.Millisecond
}

var upgrader = websocket.Upgrader{}

func main() {
	pongWait, pingPeriod, writeWait := argument(2), argument(3), argument(4)
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		go func() {
			ticker := time.NewTicker(pingPeriod)
			defer func() {
				ticker.Stop()
				conn.Close()
			}()
			for range ticker.C {
				conn.SetWriteDeadline(time.Now().Add(writeWait))
				if conn.WriteMessage(websocket.PingMessage, nil) != nil {
					return
				}
			}
		}()
		defer conn.Close()
		conn.SetReadDeadline(time.Now().Add(pongWait))
		conn.SetPongHandler(func(string) error {
			conn.SetReadDeadline(time.Now().Add(pongWait))
			return nil
		})
		for {
			if _, _, err := conn.ReadMessage(); err != nil {
				return
			}
		}
	})
	panic(http.ListenAndServe(os.Args[1], nil))
}
