package providers

// A RestartScripter is a Scripter of a service that runs the consumers itself, so that
// a pause and a start can be written as commands, too.
type RestartScripter interface {
	Scripter
	// ScriptRestart writes what Script writes, and how the consumers are paused before and
	// started afterwards: as commands if the move is to pause them, else as comments. Script
	// is the same without settings, as comments.
	ScriptRestart(c Config, m Move, r Restart) (Script, error)
}

// A Restart is how a step treats the consumers of its target.
type Restart struct {
	Pauses   bool           // pause them before the move and start them afterwards
	Settings map[string]any // with which they are started
}
