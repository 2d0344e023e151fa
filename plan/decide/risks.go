package decide

import (
	"fmt"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// risks warns of losses that no count of the plan shows.
func (d *differ) risks() {
	if !d.restores() {
		d.openTransactions()
	}
	d.expiry()
}

// openTransactions warns of moves past the first open transaction. A consumer that reads
// only committed records has not received what follows it, whatever its lag shows, and
// after the reset never does.
func (d *differ) openTransactions() {
	order := d.q.Capabilities.Order
	var parts []providers.Part
	var lost int64
	for i := range d.Parts {
		p := &d.Parts[i]
		if p.Effect == plan.EffectKeep || p.Effect == plan.EffectReplay {
			continue // the group is already past these records
		}
		r := ReadingAt(d.s.Parts, i, p.Part)
		if r == nil {
			continue
		}
		from, to := r.Stable, p.Destination()
		if beyond, ok := order.Distance(to, r.High); ok && beyond > 0 {
			to = r.High // a blocked step; no record is there
		}
		if ahead, ok := order.Distance(p.Before, from); ok && ahead > 0 {
			from = p.Before
		}
		if n, ok := order.Distance(to, from); ok && n > 0 {
			parts, lost = append(parts, p.Part), lost+n
		}
	}
	if len(parts) > 0 {
		d.warn(fmt.Sprintf("Transactions are open before the target of %s: a consumer that reads only committed records (read_committed) has not "+
			"received up to %s %s there yet, and never would. Wait until the transactions end, or choose an earlier target.",
			plan.PartRanges(parts), text.Grouped(lost), d.units(lost)))
	}
}

// expiry warns that the service removes what the step commits, unless consumers start.
func (d *differ) expiry() {
	e := d.s.Expires
	if e == nil || d.absent || !d.commits() {
		return
	}
	when := "after the time that its setting " + e.Setting + " defines, which could not be read,"
	if e.After > 0 {
		when = fmt.Sprintf("within %s (%s)", text.About(e.After), e.Setting)
	}
	d.warn(fmt.Sprintf("The new positions expire: the service removes them %s unless a consumer of the group starts before.", when))
}

// commits reports whether the step sets a position at all.
func (d *differ) commits() bool {
	for i := range d.Parts {
		if p := &d.Parts[i]; p.Effect != plan.EffectKeep && p.After.Kind() != providers.Unset {
			return true
		}
	}
	return false
}
