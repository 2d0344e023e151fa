// Package pattern has regular expressions that are compiled when they are first
// used. A command uses few of the program's expressions, and compiling all of them
// at each start takes longer than most commands need.
//
// The invariant: New compiles nothing. TestPatternsAreValid, in this package,
// compiles every expression that the program has.
package pattern

import (
	"regexp"
	"sync"
)

// A Pattern is a regular expression. Its methods are those of regexp.Regexp.
type Pattern struct {
	expression string
	once       sync.Once
	compiled   *regexp.Regexp
}

// New returns the pattern of an expression, which must be valid. It is short enough
// for the compiler to lay out patterns in the program's file.
func New(expression string) *Pattern { return &Pattern{expression: expression} }

func (p *Pattern) regexp() *regexp.Regexp {
	p.once.Do(func() { p.compiled = regexp.MustCompile(p.expression) })
	return p.compiled
}

// MatchString reports whether s has a match.
func (p *Pattern) MatchString(s string) bool { return p.regexp().MatchString(s) }

// FindString returns the first match in s, "" if there is none.
func (p *Pattern) FindString(s string) string { return p.regexp().FindString(s) }

// FindStringIndex returns where the first match in s is, nil if there is none.
func (p *Pattern) FindStringIndex(s string) []int { return p.regexp().FindStringIndex(s) }

// FindStringSubmatch returns the first match in s and its groups, nil if there is none.
func (p *Pattern) FindStringSubmatch(s string) []string { return p.regexp().FindStringSubmatch(s) }

// FindStringSubmatchIndex returns where the first match in s and its groups are.
func (p *Pattern) FindStringSubmatchIndex(s string) []int {
	return p.regexp().FindStringSubmatchIndex(s)
}

// FindAllString returns at most n matches in s, all if n is negative.
func (p *Pattern) FindAllString(s string, n int) []string { return p.regexp().FindAllString(s, n) }

// FindAllStringSubmatch returns at most n matches in s and their groups, all if n is
// negative.
func (p *Pattern) FindAllStringSubmatch(s string, n int) [][]string {
	return p.regexp().FindAllStringSubmatch(s, n)
}

// ReplaceAllString replaces the matches in s by a template.
func (p *Pattern) ReplaceAllString(s, template string) string {
	return p.regexp().ReplaceAllString(s, template)
}

// ReplaceAllStringFunc replaces each match in s by what replace returns for it.
func (p *Pattern) ReplaceAllStringFunc(s string, replace func(string) string) string {
	return p.regexp().ReplaceAllStringFunc(s, replace)
}
