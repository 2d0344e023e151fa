// Package plan is the life of a reset: check, plan, apply, take back, and what
// people do around it.
//
// All policy lives here, once: what blocks a step, what counts as done, what a
// reading proves. Providers report facts, the lock keeps what was done, and
// package view shows what this package has counted. The invariant: only Apply
// moves anything, what it sends stands in a Plan, and each step is on record
// before it is sent; all else here reads. The package knows no provider by its
// name, prints nothing and reads no clock but the one that it is given.
//
// Where to read on, in the order in which a document meets the files:
//
//   - reconciler.go opens a document; check.go and reach.go fault, offline,
//     what no service could do; matrix.go tells what each can.
//   - jobs.go makes jobs of the document's steps and identify.go says what their
//     targets are; recorded.go asks the lock and read.go the services about them
//     and makes the Plan, whose types are in plan.go; summary.go, digest.go,
//     approve.go and saved.go sum it up, sign it, approve it and read it back from
//     a file.
//   - diff.go compares one step with what was read, and is pure: done.go and
//     doubt.go (what its run has recorded), destination.go, native.go and fixed.go
//     (the target, by the request, by the service, by an earlier decision),
//     effect.go, precondition.go and guards.go.
//   - apply.go carries a plan out: schedule.go (in which order), stale.go (whether
//     it is still as planned), wait.go, send.go and pause.go (one step), verify.go
//     (reading it back) with placement.go (what a reading proves); undo.go rolls a
//     run back.
//   - status.go, watch.go and the watch_ files look at a run afterwards.
//   - impact.go, estimate.go and race.go work out what a reset means for those
//     who read; script.go, how a person would type it.
//   - snapshot.go, doctor.go and the doctor_ files write plans of what they
//     read, as a Draft: draft.go and draft_text.go.
//   - errors.go, remarks.go and words.go: how all of them say it.
package plan
