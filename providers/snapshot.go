package providers

import "time"

// A ReadRequest asks for a target's present state.
type ReadRequest struct {
	Target Target
	// Resolve lists positions to translate, per part, into positions that the
	// service can be reset to: a time, or PlaceOf another group.
	Resolve []Position
	// Approach lists offsets to translate into times near them (Resolution.Send), if
	// Capabilities.Approximates has offsets: each is answered in Resolved of its
	// part. If it is set, everything but Part and Resolved of these parts may be absent.
	Approach []PartPosition
	// Bytes and LowTime request these facts of each part. They remain unknown if the
	// service cannot report them for all parts in a few requests.
	Bytes, LowTime bool
	// Risks requests what a reset may lose without a count of it: Stable of each part, and
	// Expires. They remain unknown if the service cannot report them in a few requests.
	Risks bool
	// Internal includes topics that an application creates for itself (Kafka Streams), also
	// if the target names no topics. Without it they are left out, with a note.
	Internal bool
	// New adds the topics that match a glob of the target and on which the
	// group has no commit. A topic named in full is always read.
	New bool
	// Also lists parts to read even if a glob, or a target without topics, does
	// not select them at present: the parts of a recorded step that removed the
	// commits. Services that select no parts by their commits ignore it.
	Also []Part
	// Later permits to leave Parts of the Snapshot empty and to set Load instead: the parts
	// of very many targets are then never in memory together.
	Later bool
	// Only, if set, requests only the committed positions of these parts, to read back
	// a reset. Everything else may be absent.
	Only []Part
}

// A PartPosition is a position on one part.
type PartPosition struct {
	Part     Part
	Position Position
}

// A Snapshot is a target's state as the service reports it at one moment.
// It holds facts; whether a fact blocks a step is not decided here.
type Snapshot struct {
	GroupState GroupState // whether the group exists and has ever committed
	Activity   Activity
	Parts      []PartReading // sorted by Part; empty if the service reports none
	// Load, if it is set, appends the parts to a list, in place of Parts, which is nil. It
	// needs no request, and may be called again and from several goroutines.
	Load    func(to []PartReading) []PartReading
	Missing []Missing     // names in the target that the service does not have
	Orphans []PartReading // commits of the target on parts that no longer exist: only Part and Committed
	Notes   []string      // sentences that a person should read with the figures
	Expires *Expiry       // set if Risks requests it, and the service removes the commits of this group by itself
	// Err means the snapshot could not be taken. It wraps one of the kinds in
	// this package; ErrUnsupported and ErrPrecondition mean that the service
	// answered and this target cannot be reset (a share group, a broadcast
	// consumer).
	Err error
}

// Readings returns the parts, whether they are in Parts or loaded.
func (s *Snapshot) Readings() []PartReading {
	if s.Parts == nil && s.Load != nil {
		return s.Load(nil)
	}
	return s.Parts
}

// An Expiry is how a service removes the commits of a group that has no consumers: one that
// does not exist yet, has no commits, or was never joined by a consumer. The commits of a
// group that has had consumers expire as well, but a reset changes nothing in that.
type Expiry struct {
	After   time.Duration // after the commit, at the latest; 0 = not known
	Setting string        // the name of the service's setting
}

// GroupState is whether a group exists and has ever committed.
type GroupState uint8

const (
	GroupUnknown GroupState = iota // the service does not report it
	Absent                         // the group does not exist
	Blank                          // the group exists and has no committed position anywhere
	Committed                      // the group has committed positions
)

// A PartReading is the state of one part. Positions that the service does not
// report are the zero Position.
type PartReading struct {
	Part Part
	Low  Position // the oldest position that can still be read
	High Position // where the next record will be written
	// Stable, if Risks requests it, is how far consumers receive records that read only
	// committed ones: High, or the first record of an open transaction. Zero = not known.
	Stable Position
	// LowTime is when the first record at or after Low was written, if it was requested
	// or reported anyway; zero = unknown.
	LowTime   time.Time
	Bytes     *int64   // of the whole log, without replicas; nil = unknown
	Committed Position // Unset if the group never committed here
	// ReadUpTo is when the last record before Committed was written; zero = unknown.
	// A rollback by time uses it. It also bounds a reset to a time that only the
	// service itself can resolve: a later time skips at most the lag, any other
	// replays at most the records from Low to Committed.
	ReadUpTo time.Time
	// Metadata is what the service stores with the commit and a rollback restores
	// exactly: ClientMetadata, and what the service adds (Kafka: "leaderEpoch").
	Metadata map[string]string
	// LogID identifies the log itself, if the service has such an id: the
	// same name with another id is another log (Kafka: the topic id).
	LogID string
	// Resolved holds the requested positions as the service resolves them. One is absent
	// if the service could not resolve it.
	Resolved []Resolution
}

// ClientMetadata is the key of PartReading.Metadata under which a service returns the
// text that a client stored with its commit.
const ClientMetadata = "metadata"

// Resolution returns the resolution of a requested position; zero if the service
// could not resolve it.
func (r *PartReading) Resolution(asked Position) Resolution {
	for _, one := range r.Resolved {
		if one.Asked == asked {
			return one
		}
	}
	return Resolution{}
}

// A Resolution is where a requested position is, on one part.
type Resolution struct {
	Asked Position
	// Found is Latest if there is no record at or after a time, and Unset if the other
	// group has no position. If the service cannot be reset to an exact position, it is
	// where the service's own reset to Asked would lead.
	Found Position
	// UpTo is set if the service cannot report exactly where its reset to Asked leads:
	// to Found, to UpTo (never before Found) or between them. Zero = exactly to Found.
	// The core counts what is replayed from Found and what is skipped up to UpTo.
	UpTo Position
	// Send is set if Asked cannot be sent and Capabilities.Approximates has its kind: the
	// time to send instead. Found is then where Send leads: at or before Asked if
	// any time leads there. Asked stays what was requested.
	Send Position
	Time time.Time // when the record at Found was written, if the service reports it anyway
}

// Missing is a name in a target that the service does not have.
type Missing struct {
	What  NameKind
	Name  string   // "orders", "orders/77"
	Known []string // the names that do exist, as far as the service lists them
	Fresh []string // of a glob that selects nothing: the topics that ReadRequest.New would add
}

// NameKind is what a name of a target names; its text is the word for messages.
type NameKind string

// The kinds of names.
const (
	GroupName     NameKind = "group"
	TopicName     NameKind = "topic"
	PartitionName NameKind = "partition"
	ShardName     NameKind = "shard"
	LogstoreName  NameKind = "logstore"
	PipelineName  NameKind = "pipeline"
)

// Activity is what a service reports about a target's consumers.
type Activity struct {
	State   State
	Why     string   // the service's own word and how it is known: "Stable (consumer protocol)"
	Members []Member // those that the service names
}

// State is whether consumers are active.
type State uint8

const (
	UnknownState State = iota
	Idle
	Active
)

func (s State) String() string { return [...]string{"unknown", "idle", "active"}[s] }

// A Member is a live consumer as far as the service names it.
type Member struct {
	ID, Client, Host string
	InstanceID       string // of a static member, which stays in the group when it stops; "" = none
}
