package exchange

import (
	"fmt"
	"slices"
	"strings"
)

// Write returns the text of rows in a format, sorted. The error is about a row
// that the format cannot express.
func Write(f Format, rows []Row) (string, error) {
	rows = slices.SortedFunc(slices.Values(rows), Row.compare)
	groups := groupsOf(rows)
	for i, r := range rows {
		switch {
		case !isTopic(r.Topic):
			return "", fmt.Errorf("%s is not a valid topic name", quoted(r.Topic))
		case i > 0 && r.compare(rows[i-1]) == 0:
			return "", fmt.Errorf("%s/%d of group %s is moved twice", r.Topic, r.Partition, quoted(r.Group))
		}
	}
	switch {
	case !slices.Contains(Written(), f):
		return "", fmt.Errorf("%s can only be imported", f)
	case len(rows) == 0:
		return "", fmt.Errorf("no partition to write")
	case f == KafkaCSV && len(groups) > 1 && groups[0] == "":
		return "", fmt.Errorf("some rows name a group and others do not")
	case f == KafkaCSV:
		return writeCSV(rows, len(groups) > 1), nil
	case len(groups) > 1:
		return "", fmt.Errorf("%s moves one group at a time, but there are %d (%s): choose one with --step", f, len(groups), named(groups))
	case f == Rpk:
		return writeRpk(rows), nil
	}
	return writeKcl(rows), nil
}

// groupsOf returns the names of the groups in sorted rows.
func groupsOf(rows []Row) []string {
	var out []string
	for _, r := range rows {
		if len(out) == 0 || out[len(out)-1] != r.Group {
			out = append(out, r.Group)
		}
	}
	return out
}

func named(groups []string) string {
	var out []string
	for _, g := range groups[:min(len(groups), 5)] {
		out = append(out, quoted(g))
	}
	if len(groups) > 5 {
		out = append(out, "…")
	}
	return strings.Join(out, ", ")
}
