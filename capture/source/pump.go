package source

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
)

// Chunks begin small, so that a small file costs little, and double while they are filled.
const (
	minChunk = 64 << 10
	maxChunk = 1 << 20
	inFlight = 4 // chunks of one pump that may exist at a time
)

// A chunk is a piece of a file, shared by everybody who reads it. The last one to let go gives it back to its pump.
type chunk struct {
	b     []byte
	users atomic.Int32
	home  *pump
}

func (c *chunk) release() {
	if c.users.Add(-1) == 0 {
		c.home.free <- c // never blocks: free has room for every chunk
	}
}

// A pump reads r in chunks and sends every chunk to each channel of out. When it ends, it closes them; err is set before.
type pump struct {
	r    io.Reader
	out  []chan *chunk // each has room for every chunk: sending never blocks
	free chan *chunk
	made int
	stop chan struct{} // closed by halt
	once sync.Once
	read atomic.Int64 // bytes read so far
	err  error        // why it ended, unless by EOF or halt; valid when out is closed
	last func()       // called behind the end, if not nil
}

func newPump(r io.Reader, readers int) *pump {
	p := &pump{r: r, free: make(chan *chunk, inFlight), stop: make(chan struct{})}
	for range readers {
		p.out = append(p.out, make(chan *chunk, inFlight))
	}
	return p
}

// halt asks the pump to end; it does so before its next Read.
func (p *pump) halt() { p.once.Do(func() { close(p.stop) }) }

func (p *pump) run() {
	if p.last != nil {
		defer p.last()
	}
	p.err = p.copy()
	for _, ch := range p.out {
		close(ch)
	}
}

func (p *pump) copy() error {
	size, idle := minChunk, 0
	for {
		c := p.take(size)
		if c == nil {
			return nil
		}
		n, err := p.r.Read(c.b)
		if n > 0 {
			idle = 0
			p.read.Add(int64(n))
			if n == len(c.b) {
				size = min(2*size, maxChunk)
			}
			c.b = c.b[:n]
			c.users.Store(int32(len(p.out)))
			for _, ch := range p.out {
				ch <- c
			}
		} else {
			p.free <- c
			idle++
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case idle == 100:
			return io.ErrNoProgress
		}
	}
}

// take returns a chunk of size bytes or more that nobody uses, as soon as there is one; nil when the pump shall end.
func (p *pump) take(size int) *chunk {
	select {
	case <-p.stop:
		return nil
	default:
	}
	var c *chunk
	select {
	case c = <-p.free:
	default:
		if p.made < inFlight {
			p.made++
			c = &chunk{home: p}
			break
		}
		select {
		case c = <-p.free:
		case <-p.stop:
			return nil
		}
	}
	if cap(c.b) < size {
		c.b = make([]byte, size)
	}
	c.b = c.b[:cap(c.b)]
	return c
}
