package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"time"

	"go.etcd.io/bbolt"
)

// The layout of the list of free pages in a bbolt file, as in
// https://github.com/etcd-io/bbolt/tree/v1.5.0/internal/common (meta.go, page.go), in the
// machine's byte order. It is the same in all files of version 2.
const (
	pageHeader   = 16
	freelistFlag = 0x10
	metaMagic    = 0xED0CDAED
	metaVersion  = 2
	metaSummed   = 56 // number of bytes that the checksum covers
	manyPages    = 0xFFFF
	// noFreelist is the value in the meta page of a file without the list.
	noFreelist = math.MaxUint64
)

var errLayout = errors.New("file does not have the expected layout")

// listFree makes bbolt write the list of free pages, together with the heartbeat, and
// reads the list for the pass. While the store is open, the list is otherwise only in
// bbolt's memory, where it can be queried only page by page.
func (d *database) listFree() error {
	now := d.cfg.Now().Round(0).UTC()
	id := 0
	d.db.NoFreelistSync = false
	err := d.db.Update(func(tx *bbolt.Tx) error {
		id = tx.ID()
		return put(tx.Bucket(bucketMeta), entry{metaHeartbeat, now.Format(time.RFC3339Nano)})
	})
	d.db.NoFreelistSync = true
	if err != nil {
		d.scrubber.torn = true
		d.memory.setHealth(err)
		return fmt.Errorf("write the list of free pages: %w", err)
	}
	d.scrubber.left, err = readFree(d.scrubber.handle, d.db.Info().PageSize, id)
	if err != nil {
		return fmt.Errorf("read the list of free pages: %w", err)
	}
	d.scrubber.stale = false
	return nil
}

// metaPage is the content of a meta page: the page of the root's tree, the page of the
// list of free pages, and the number of pages.
type metaPage struct{ root, freelist, end uint64 }

// readMeta reads the meta page of the last transaction.
func readMeta(f io.ReaderAt, pageSize, tx int) (metaPage, error) {
	order := binary.NativeEndian
	meta := make([]byte, metaSummed+8)
	if _, err := f.ReadAt(meta, int64(tx%2)*int64(pageSize)+pageHeader); err != nil {
		return metaPage{}, fmt.Errorf("read meta page: %w", err)
	}
	sum := fnv.New64a()
	if _, err := sum.Write(meta[:metaSummed]); err != nil {
		return metaPage{}, fmt.Errorf("sum meta page: %w", err)
	}
	if order.Uint32(meta) != metaMagic || order.Uint32(meta[4:]) != metaVersion ||
		order.Uint64(meta[48:]) != uint64(tx) || order.Uint64(meta[metaSummed:]) != sum.Sum64() {
		return metaPage{}, fmt.Errorf("meta page of transaction %d: %w", tx, errLayout)
	}
	return metaPage{order.Uint64(meta[16:]), order.Uint64(meta[32:]), order.Uint64(meta[40:])}, nil
}

// readFree returns the pages that are free after transaction tx, in ascending order. tx
// must be the last transaction, and must have written the list.
func readFree(f io.ReaderAt, pageSize, tx int) ([]uint64, error) {
	order := binary.NativeEndian
	meta, err := readMeta(f, pageSize, tx)
	if err != nil {
		return nil, err
	}
	id := meta.freelist
	page := make([]byte, pageHeader+8)
	at := int64(id) * int64(pageSize)
	if _, err := f.ReadAt(page, at); err != nil {
		return nil, fmt.Errorf("read list: %w", err)
	}
	if order.Uint64(page) != id || order.Uint16(page[8:]) != freelistFlag {
		return nil, fmt.Errorf("list at page %d: %w", id, errLayout)
	}
	n, from := uint64(order.Uint16(page[10:])), at+pageHeader
	if n == manyPages {
		n, from = order.Uint64(page[pageHeader:]), from+8
	}
	if most := (uint64(order.Uint32(page[12:])) + 1) * uint64(pageSize) / 8; n > most {
		return nil, fmt.Errorf("list of %d pages: %w", n, errLayout)
	}
	list := make([]byte, 8*n)
	if _, err := f.ReadAt(list, from); err != nil {
		return nil, fmt.Errorf("read list: %w", err)
	}
	ids := make([]uint64, n)
	for i := range ids {
		ids[i] = order.Uint64(list[8*i:])
	}
	return ids, nil
}
