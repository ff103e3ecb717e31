package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
)

// The layout of trees in a bbolt file, as in
// https://github.com/etcd-io/bbolt/tree/v1.5.0/internal/common (page.go, inode.go,
// bucket.go).
const (
	branchFlag    = 0x01
	leafFlag      = 0x02
	bucketFlag    = 0x01
	branchElement = 16
	leafElement   = 16
	bucketHeader  = 16
	maxKeySize    = 32768
)

// pageCheck reads the pages of a database that are in use. bbolt trusts the bytes of a
// page: damage makes it panic, in some cases in its own goroutines, where nobody can
// recover. So the check uses neither bbolt nor its memory map, and a missing page is just
// a read error.
type pageCheck struct {
	f    io.ReaderAt
	size uint64
	// used says for each page whether it belongs to something.
	used []bool
	// bufs has a buffer for each level of the tree that is being read.
	bufs [][]byte
	// buckets maps each bucket to its first page.
	buckets map[string]uint64
}

// checkPages checks all pages of the state that transaction tx left in a file of the
// given size, and returns the first page of each bucket. If a bucket of metadata is
// missing, the result has the page that should name it. Errors name the page.
func checkPages(f io.ReaderAt, fileSize int64, pageSize, tx int) (map[string]uint64, error) {
	m, err := readMeta(f, pageSize, tx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrForeign)
	}
	c := &pageCheck{f: f, size: uint64(pageSize), buckets: map[string]uint64{string(bucketMeta): m.root}}
	if there := uint64(fileSize) / c.size; there < m.end {
		return nil, fmt.Errorf("it is truncated, page %d of %d is missing: %w", there, m.end, ErrForeign)
	}
	c.used = make([]bool, m.end)
	c.used[0], c.used[1] = true, true
	if err := c.tree(m.root, 0, nil, nil, c.bucket); err != nil {
		return nil, err
	}
	if m.freelist != noFreelist {
		return c.buckets, c.free(m.freelist, pageSize, tx)
	}
	return c.buckets, nil
}

// known returns an error if there is a bucket that this format doesn't have. Then its
// name is damaged, and the bucket with the right name is missing.
func known(buckets map[string]uint64) error {
	for name, page := range buckets {
		if !slices.ContainsFunc(allBuckets, func(b []byte) bool { return string(b) == name }) {
			return damaged(page, "unknown bucket %q", name)
		}
	}
	return nil
}

func damaged(page uint64, format string, args ...any) error {
	return fmt.Errorf("page %d: %s: %w", page, fmt.Sprintf(format, args...), ErrForeign)
}

// element is an entry of a page. Branches have children, and leaves have values.
type element struct {
	key, value []byte
	flags      uint32
	child      uint64
}

// tree checks a page and everything below it. Keys must be in the range from the first
// key up to, but not including, the second; nil means no limit. visit is called for each
// entry of a leaf.
func (c *pageCheck) tree(id uint64, depth int, from, to []byte, visit func(page uint64, e element) error) error {
	page, err := c.read(id, depth)
	if err != nil {
		return err
	}
	all, err := elements(id, page)
	if err != nil {
		return err
	}
	if err := ordered(id, all, from, to); err != nil {
		return err
	}
	if pageFlags(page) == leafFlag {
		for _, e := range all {
			if err := visit(id, e); err != nil {
				return err
			}
		}
		return nil
	}
	if len(all) == 0 {
		return damaged(id, "branch without children")
	}
	for i, e := range all {
		end := to
		if i+1 < len(all) {
			end = all[i+1].key
		}
		if err := c.tree(e.child, depth+1, e.key, end, visit); err != nil {
			return err
		}
	}
	return nil
}

// read returns a page with its overflow, and marks their pages as used.
func (c *pageCheck) read(id uint64, depth int) ([]byte, error) {
	if len(c.bufs) <= depth {
		c.bufs = append(c.bufs, make([]byte, c.size))
	}
	if err := c.use(id); err != nil {
		return nil, err
	}
	page := c.bufs[depth][:c.size]
	if err := c.readAt(page, id); err != nil {
		return nil, err
	}
	if got := binary.NativeEndian.Uint64(page); got != id {
		return nil, damaged(id, "it says that it is page %d", got)
	}
	overflow := uint64(binary.NativeEndian.Uint32(page[12:]))
	if overflow == 0 {
		return page, nil
	}
	if overflow >= uint64(len(c.used))-id {
		return nil, damaged(id, "it continues behind the end of the database")
	}
	for i := range overflow {
		if err := c.use(id + 1 + i); err != nil {
			return nil, err
		}
	}
	page = make([]byte, (1+overflow)*c.size)
	c.bufs[depth] = page
	return page, c.readAt(page, id)
}

func (c *pageCheck) readAt(page []byte, id uint64) error {
	if _, err := c.f.ReadAt(page, int64(id*c.size)); err != nil {
		return fmt.Errorf("read page %d: %w", id, err)
	}
	return nil
}

func (c *pageCheck) use(id uint64) error {
	if id >= uint64(len(c.used)) {
		return damaged(id, "it is behind the end of the database, which has %d pages", len(c.used))
	}
	if c.used[id] {
		return damaged(id, "it is in use twice")
	}
	c.used[id] = true
	return nil
}

// bucket checks a bucket, which is an entry of the root's tree. A small bucket is stored
// inside the entry.
func (c *pageCheck) bucket(id uint64, e element) error {
	if e.flags != bucketFlag || len(e.value) < bucketHeader {
		return damaged(id, "entry %q is not a bucket", e.key)
	}
	if root := binary.NativeEndian.Uint64(e.value); root != 0 {
		if len(e.value) != bucketHeader {
			return damaged(id, "bucket %q has %d bytes", e.key, len(e.value))
		}
		c.buckets[string(e.key)] = root
		return c.tree(root, len(c.bufs), nil, nil, record)
	}
	c.buckets[string(e.key)] = id
	page := e.value[bucketHeader:]
	if len(page) < pageHeader || pageFlags(page) != leafFlag {
		return damaged(id, "bucket %q has no entries", e.key)
	}
	all, err := elements(id, page)
	if err != nil {
		return err
	}
	for _, e := range all {
		if err := record(id, e); err != nil {
			return err
		}
	}
	return ordered(id, all, nil, nil)
}

// record checks an entry of a bucket. Buckets are not nested.
func record(id uint64, e element) error {
	if e.flags != 0 {
		return damaged(id, "entry %q has flags %#x", e.key, e.flags)
	}
	return nil
}

func pageFlags(page []byte) uint16 { return binary.NativeEndian.Uint16(page[8:]) }

// elements splits a page into its entries. bbolt writes keys and values one after
// another, after the list of their positions.
func elements(id uint64, page []byte) ([]element, error) {
	order := binary.NativeEndian
	flags, n := pageFlags(page), uint64(order.Uint16(page[10:]))
	if flags != leafFlag && flags != branchFlag {
		return nil, damaged(id, "unknown type %#x", flags)
	}
	at := pageHeader + n*leafElement // elements of both types have the same size
	if at > uint64(len(page)) {
		return nil, damaged(id, "no room for %d entries", n)
	}
	all := make([]element, n)
	for i := range all {
		e, start := &all[i], pageHeader+uint64(i)*leafElement
		head := page[start:]
		var pos, keySize, valueSize uint32
		if flags == leafFlag {
			e.flags, pos, keySize, valueSize = order.Uint32(head), order.Uint32(head[4:]), order.Uint32(head[8:]), order.Uint32(head[12:])
		} else {
			pos, keySize, e.child = order.Uint32(head), order.Uint32(head[4:]), order.Uint64(head[8:])
		}
		mid := at + uint64(keySize)
		end := mid + uint64(valueSize)
		if start+uint64(pos) != at || keySize == 0 || keySize > maxKeySize || end > uint64(len(page)) {
			return nil, damaged(id, "entry %d of %d is not where it should be", i, n)
		}
		e.key, e.value = page[at:mid], page[mid:end]
		at = end
	}
	return all, nil
}

// ordered checks that keys ascend, in the range from one key up to, but not including,
// the other.
func ordered(id uint64, all []element, from, to []byte) error {
	for i, e := range all {
		if i > 0 && bytes.Compare(all[i-1].key, e.key) >= 0 || i == 0 && bytes.Compare(e.key, from) < 0 {
			return damaged(id, "entry %d of %d is out of order", i, len(all))
		}
	}
	if n := len(all); n > 0 && to != nil && bytes.Compare(all[n-1].key, to) >= 0 {
		return damaged(id, "its last entry belongs to another page")
	}
	return nil
}

// free checks the list of free pages, if the file has one. Together with the pages in
// use, it must account for all pages.
func (c *pageCheck) free(list uint64, pageSize, tx int) error {
	if _, err := c.read(list, 0); err != nil {
		return err
	}
	ids, err := readFree(c.f, pageSize, tx)
	if err != nil {
		return fmt.Errorf("page %d: %w: %w", list, err, ErrForeign)
	}
	for i, id := range ids {
		if i > 0 && ids[i-1] >= id {
			return damaged(list, "the list of free pages is out of order")
		}
		if err := c.use(id); err != nil {
			return fmt.Errorf("page %d, the list of free pages: %w", list, err)
		}
	}
	for id, used := range c.used {
		if !used {
			return damaged(uint64(id), "it is neither free nor in use")
		}
	}
	return nil
}
