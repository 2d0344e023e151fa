package exchange

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/resetplan/resetplan/schema/diag"
)

// describedByKafka is the text of kafka-consumer-groups --describe --all-groups of
// Kafka 4, with its remarks on standard error.
const describedByKafka = `[2026-11-28 10:00:00,123] WARN The configuration 'x' is unknown (org.apache.kafka.clients.admin.AdminClientConfig)

Consumer group 'orders billing' has no active members.

GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID     HOST            CLIENT-ID
orders billing  orders          0          300             500             200             -               -               -
orders billing  orders          1          -               500             -               -               -               -

Warning: Consumer group 'g2' is rebalancing.

GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID                              HOST            CLIENT-ID
g2              audit           3          7               9               2               c 1-0b1c2d3e-1111-2222-3333-444455556666 /127.0.0.1      c 1
g2              -               -          -               -               -               c 2-0b1c2d3e-1111-2222-3333-444455556666 /127.0.0.1      c 2
`

func TestDescriptionsOfKafka(t *testing.T) {
	const head = "TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG CONSUMER-ID HOST CLIENT-ID\n"
	for name, c := range map[string]struct{ text, want string }{
		"all groups, with remarks": {describedByKafka, "g2/audit/3=7 orders billing/orders/0=300"},
		"CRLF":                     {strings.ReplaceAll(describedByKafka, "\n", "\r\n"), "g2/audit/3=7 orders billing/orders/0=300"},
		"a byte order mark":        {"\ufeff" + describedByKafka, "g2/audit/3=7 orders billing/orders/0=300"},
		"the verbose form": {"GROUP           TOPIC           PARTITION  LEADER-EPOCH    CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID\n" +
			"g               orders          0          -               300             500             200             -\n" +
			"g               orders          1          7               400             500             100             -\n",
			"g/orders/0=300 g/orders/1=400"},
		"Kafka 1.0, without groups": {"Note: This will not show information about old Zookeeper-based consumers.\n\n" + head +
			"orders 0 300 500 200 - - -\n", "/orders/0=300"},
		"Kafka 0.10, with owners": {"GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG OWNER\ng orders 0 300 500 200 c_/127.0.0.1\n",
			"g/orders/0=300"},
		"columns that a chat has squeezed": {"GROUP " + head + "g orders 0 300 500 200 - - -\n", "g/orders/0=300"},
		"tabs instead of columns": {strings.ReplaceAll("GROUP "+head+"g orders 0 300 500 200 - - -\n", " ", "\t"),
			"g/orders/0=300"},
		"squeezed columns and a group with a space": {"GROUP " + head + "orders billing orders 0 300 500 200 - - -\n", "2: does not match the columns"},
		"a long group with a space at its end": {"GROUP             TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG\n" +
			"orders of spring  orders          0          300             500             200\n", "orders of spring /orders/0=300"},
		"a group outside the basic plane": {"GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG\n" +
			"日本 👩           orders          0          300             500             200\n", "日本 👩/orders/0=300"},
		"a group that looks like a remark": {"GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG\n" +
			"Warnings        orders          0          300             500             200\n", "Warnings/orders/0=300"},
		"a group that does not exist":  {"\nError: Consumer group 'nosuch' does not exist.\n" + describedByKafka, "2: the output reports an error"},
		"the state of groups":          {"\nGROUP  COORDINATOR (ID)  ASSIGNMENT-STRATEGY  STATE  #MEMBERS\ng  b:9092 (1)  range  Stable  1\n", "2: no offsets"},
		"the members of groups":        {"GROUP  CONSUMER-ID  HOST  CLIENT-ID  #PARTITIONS\ng c h i 3\n", "1: no offsets"},
		"a row without a header":       {"g orders 0 300 500 200 - - -\n", "1: without the header"},
		"a truncated row":              {"GROUP " + head + "g orders 0 300\n", "2: does not match"},
		"a partition twice":            {"GROUP " + head + "g orders 0 1 5 4 - - -\ng orders 0 2 5 3 - - -\n", "3: first on line 2"},
		"a negative offset":            {"GROUP " + head + "g orders 0 -1 5 6 - - -\n", "2: negative"},
		"no commits":                   {"GROUP " + head + "g orders 0 - 5 - - - -\n", "1: no committed offset"},
		"another file":                 {"version: 1\nname: x\n", "1: no committed offset"},
		"UTF-16":                       {inUTF16(describedByKafka), "1: UTF-16"},
		"UTF-16 without its mark":      {strings.TrimPrefix(inUTF16(describedByKafka), "\xff\xfe"), "1: UTF-16"},
		"UTF-16, the other byte order": {"\xfe\xff\x00G\x00R", "1: UTF-16"},
		"UTF-32":                       {"\xff\xfe\x00\x00G\x00\x00\x00", "1: UTF-32"},
	} {
		t.Run(name, func(t *testing.T) {
			f, errs := Parse(KafkaDescribe, "f", []byte(c.text))
			if len(errs) > 0 {
				if !matches(errs, c.want) {
					t.Fatalf("got %v, want %s", errs, c.want)
				}
				return
			}
			if got := words(f.Rows); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func inUTF16(text string) string {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(text)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return string(out)
}

func TestUTF16IsNamedInEveryFormat(t *testing.T) {
	for _, format := range Formats() {
		_, errs := Parse(format, "f", []byte(inUTF16("orders,0,1\n")))
		if want := "f:1:1: this file is UTF-16; save it as UTF-8 (Windows PowerShell: Out-File -Encoding utf8)"; errs.Error() != want {
			t.Errorf("%s: got %v, want %s", format, errs, want)
		}
		if reason, _ := diag.Encoding([]byte("orders,0,1\n")); reason != "" {
			t.Error(reason)
		}
	}
	if f, errs := Parse(KafkaCSV, "f", []byte("\xef\xbb\xbforders,0,1\n")); len(errs) > 0 || words(f.Rows) != "/orders/0=1" {
		t.Errorf("a CSV with a byte order mark: %v, %v", f, errs)
	}
}

func TestADescriptionLeavesOutWhatHasNoCommitAndSaysSo(t *testing.T) {
	f, errs := Parse(KafkaDescribe, "f", []byte("hello\n"+strings.ReplaceAll(describedByKafka, "g2 ", "g? ")))
	want := "1 line before the first table: ignored; the group \"g?\" contains ?, which the tool prints instead of characters " +
		"that its locale lacks: check the name; 1 partition without a commit: left out"
	if got := strings.Join(f.Notes, "; "); len(errs) > 0 || got != want {
		t.Errorf("got %s, %v", got, errs)
	}
}

// FuzzDescribe checks that a table printed in the tool's columns is read as it was
// written, whatever the group is called.
func FuzzDescribe(f *testing.F) {
	for _, group := range []string{"g", "orders billing", "a  b", "GROUP", "日本 👩", strings.Repeat("long ", 9) + "x", "- - -", "TOPIC PARTITION", "Note: g"} {
		f.Add(group, "orders", int32(0), int64(300))
	}
	f.Fuzz(func(t *testing.T, group, topic string, partition int32, offset int64) {
		row := Row{Group: group, Topic: topic, Partition: max(partition, 0), Offset: max(offset, 0)}
		if !isTopic(topic) || group == "" || strings.TrimSpace(group) != group || strings.ContainsAny(group, "\r\n") || strings.ToValidUTF8(group, "") != group {
			return
		}
		pad := func(s string) string { return s + strings.Repeat(" ", max(0, 15-units(s))) }
		wide := max(15, units(group))
		text := "\nGROUP" + strings.Repeat(" ", wide-5) + " " + pad("TOPIC") + " PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID\n" +
			group + strings.Repeat(" ", wide-units(group)) + fmt.Sprintf(" %s %-10d %-15d %-15d %-15s -\n", pad(topic), row.Partition, row.Offset, row.Offset, "0")
		got, errs := Parse(KafkaDescribe, "f", []byte(text))
		if len(errs) == 0 && (len(got.Rows) != 1 || got.Rows[0] != row) {
			t.Errorf("%+v is read as %+v of\n%s", row, got.Rows, text)
		}
		if len(errs) > 0 {
			t.Errorf("%+v: %v of\n%s", row, errs, text)
		}
	})
}
