package flow

import (
	"encoding/binary"
	"hash/crc32"

	"abroad/capture"
)

// PCAPdroid's trailer, the last bytes of a frame: magic u32, uid i32 (both big-endian; -1 = not known), the app's label[20], and the CRC-32
// of everything before, little-endian. Up to three zero bytes stand between the IP packet and the trailer.
const (
	trailerLen   = 32
	trailerMagic = 0x01072021
)

// trailer reads PCAPdroid's trailer behind an IP packet. A damaged one attributes nothing.
func (d *Decoder) trailer() {
	b := d.frame.Data
	if !hasTrailer(b) {
		return
	}
	d.owner.pcapdroid = true
	t := b[len(b)-trailerLen:]
	if got, want := binary.LittleEndian.Uint32(t[28:]), crc32.ChecksumIEEE(b[:len(b)-4]); got != want {
		d.warn("link", capture.TrailerDamaged, t, "trailer says checksum %08x, the frame has %08x", got, want)
		return
	}
	d.out.Attribution = d.owner.of(ownerKey{by: byPCAPdroid, uid: int32(binary.BigEndian.Uint32(t[4:])), gid: -1, name: label(t[8:28])})
}
