package survey

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers/cores"
	"github.com/resetplan/resetplan/schema"
)

// mostJobs is the maximum number of jobs of one step.
const mostJobs = 10_000

// A listKey is one question to a Lister.
type listKey struct {
	conn   *Connection
	key    string
	within string // the names of the selections before it
}

type list struct {
	names []string
	err   error
}

// lists holds the names that services have listed, so that each list is requested
// once for all steps.
type lists struct {
	r     *Reader
	known map[listKey]list
}

// A chosen is one combination of names while a step is expanded.
type chosen struct {
	names  map[string]string // by the key of a single target
	parts  []string          // the same in the order of the selections, for the id
	byGlob bool
}

func (l *lists) expand(ctx context.Context, s *schema.Step, selected Steps) ([]*Job, error) {
	conn := l.r.Connections[s.Provider]
	if s.Select == nil {
		j, err := NewJob(s, conn, s.ID, s.Target)
		return []*Job{j}, err
	}
	if len(selected) > 0 && !slices.ContainsFunc(selected, func(id string) bool { return IsStepOrTarget(s.ID, id) }) {
		return []*Job{{ID: s.ID, Step: s, Conn: conn}}, nil // not selected: nothing is listed
	}
	combined, jobs, err := l.combine(ctx, s, conn)
	if err != nil {
		return nil, err
	}
	all, errs := make([]*Job, len(combined)), make([]error, len(combined))
	cores.Each(len(combined), func(i int) { all[i], errs[i] = jobOf(s, conn, combined[i]) })
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return append(jobs, all...), nil
}

// jobOf returns the job of one combination of names.
func jobOf(s *schema.Step, conn *Connection, c chosen) (*Job, error) {
	id := idOf(s, c.parts)
	j, err := NewJob(s, conn, id, check.With(s.Target, c.names))
	switch {
	case err != nil && c.byGlob: // a name that the service has, and that the provider cannot address
		j = &Job{ID: id, Step: s, Conn: conn, NoTarget: strings.TrimSuffix(errors.Unwrap(err).Error(), ".") + "; exclude it, or narrow the globs"}
	case err != nil:
		return nil, err
	}
	j.ByGlob = c.byGlob
	return j, nil
}

// combine returns a step's combinations of names, sorted, and a job without a target
// for each glob that matches nothing and each list that the service refuses or that
// cannot be read.
func (l *lists) combine(ctx context.Context, s *schema.Step, conn *Connection) ([]chosen, []*Job, error) {
	var without []*Job
	fixed := map[string]string{} // keys of a single target that the document sets, for lists within them
	for _, one := range conn.Caps.Selects {
		if name, ok := s.Target[one.One].(string); ok {
			fixed[one.One] = name
		}
	}
	all := []chosen{{names: fixed}}
	for i, selection := range s.Select {
		var next []chosen
		matched, excluded := map[string]bool{}, map[string]bool{} // patterns that match something, and that do before exclude
		for _, outer := range all {
			names, err := l.names(ctx, s, conn, selection, outer.names)
			if err != nil {
				if ctx.Err() != nil {
					return nil, nil, err
				}
				j := &Job{ID: idOf(s, append(slices.Clone(outer.parts), "*")), Step: s, Conn: conn, NoTarget: err.Error()}
				if !decide.IsAnswer(err) {
					j.Unread = err
				}
				without = append(without, j)
				matched = allOf(selection.Names)
				continue
			}
			for _, pattern := range selection.Names {
				excluded[pattern] = excluded[pattern] || slices.ContainsFunc(names, func(name string) bool { return text.Match(pattern, name) })
			}
			found := match(s, selection.Names, names, i == len(s.Select)-1)
			for _, name := range slices.Sorted(maps.Keys(found)) {
				for _, pattern := range found[name] {
					matched[pattern] = true
				}
				literal := slices.Contains(selection.Names, name)
				next = append(next, outer.with(selection.One, name, !literal))
			}
			if len(next) > mostJobs {
				return nil, nil, fmt.Errorf("step %s: more than %d targets are selected: narrow the globs, or split the step", s.ID, mostJobs)
			}
		}
		for _, pattern := range selection.Names {
			if !matched[pattern] && len(all) > 0 {
				why := "no %s matches %s: correct the glob, or remove it"
				if excluded[pattern] {
					why = "no %s that matches %s is left after exclude: correct the glob or exclude"
				}
				without = append(without, &Job{ID: idOf(s, []string{pattern}), Step: s, Conn: conn,
					NoTarget: fmt.Sprintf(why, noun(selection.One), text.Quote(pattern))})
			}
		}
		all = next
	}
	return all, without, nil
}

func allOf(names []string) map[string]bool {
	out := map[string]bool{}
	for _, name := range names {
		out[name] = true
	}
	return out
}

func (c chosen) with(key, name string, byGlob bool) chosen {
	names := maps.Clone(c.names)
	names[key] = name
	return chosen{names, append(slices.Clone(c.parts), name), c.byGlob || byGlob}
}

// match returns the selected names, each with the patterns that match it.
func match(s *schema.Step, patterns, listed []string, last bool) map[string][]string {
	found := map[string][]string{}
	for _, pattern := range patterns {
		matches := []string{pattern}
		if text.IsGlob(pattern) {
			matches = slices.DeleteFunc(slices.Clone(listed), func(name string) bool { return !text.Match(pattern, name) })
		}
		for _, name := range matches {
			if !last || !check.Excluded(*s, name) {
				found[name] = append(found[name], pattern)
			}
		}
	}
	return found
}

// names returns the names that the globs of a selection are matched against; nil if it
// has no glob.
func (l *lists) names(ctx context.Context, s *schema.Step, conn *Connection, of schema.Selection, outer map[string]string) ([]string, error) {
	if !slices.ContainsFunc(of.Names, text.IsGlob) {
		return nil, nil
	}
	within := map[string]string{}
	for _, one := range conn.Caps.Selects {
		if one.One == of.One {
			break
		}
		within[one.One] = outer[one.One]
	}
	key := listKey{conn, of.One, fmt.Sprint(within)}
	if known, ok := l.known[key]; ok {
		return known.names, known.err
	}
	var one list
	if one.names, one.err = l.request(ctx, s, conn, of.One, within); one.err != nil {
		one.err = fmt.Errorf("list %s: %w", of.Key, one.err)
	}
	l.known[key] = one
	return one.names, one.err
}

func (l *lists) request(ctx context.Context, s *schema.Step, conn *Connection, key string, within map[string]string) ([]string, error) {
	if err := conn.Open(s.Provider, l.r.Deps.Process); err != nil {
		return nil, err
	}
	lister, ok := conn.Lister()
	if !ok {
		return nil, fmt.Errorf("%s does not list names: %w", conn.Kind.Type(), errors.ErrUnsupported)
	}
	ctx, cancel := context.WithTimeout(ctx, conn.Config.Timeout)
	defer cancel()
	var names []string
	err := l.r.Deps.Retry.Do(ctx, func() (err error) {
		names, err = lister.Names(ctx, key, within)
		return err
	})
	return names, err
}

// idOf returns the id of one target of a step.
func idOf(s *schema.Step, parts []string) string { return s.ID + "[" + strings.Join(parts, "/") + "]" }

// TargetKeys returns the target of one job of a step: for one of the targets that it
// selects, with its names. Only the last name of an id may contain a slash.
func TargetKeys(s *schema.Step, id string) map[string]any {
	_, inner, one := strings.Cut(id, "[")
	if !one || s.Select == nil {
		return s.Target
	}
	parts := strings.SplitN(strings.TrimSuffix(inner, "]"), "/", len(s.Select))
	names := map[string]string{}
	for i, part := range parts {
		names[s.Select[i].One] = part
	}
	return check.With(s.Target, names)
}

// noun returns the words of a key of a single target: "consumer group" for
// consumerGroup, "pipeline" for pipelineId.
func noun(key string) string {
	var out strings.Builder
	for _, r := range strings.TrimSuffix(key, "Id") {
		if unicode.IsUpper(r) {
			out.WriteByte(' ')
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}
