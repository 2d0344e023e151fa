package diag

import "errors"

// A Fault is why the text of a value is invalid. As the value may be part of the reason,
// reason and remedy are never found in a text, but are kept apart.
type Fault struct {
	Reason string // what is wrong
	Remedy string // what to do about it; may be empty
	Write  string // the corrected value, if it is known
	Key    string // what else corrects it, a key next to the value: "timezone: Asia/Shanghai"; may be empty
}

// Wrong is a Fault without a corrected value.
func Wrong(reason, remedy string) error { return &Fault{Reason: reason, Remedy: remedy} }

// Correct is a Fault whose remedy is to write another value.
func Correct(reason, value string) error {
	return &Fault{Reason: reason, Remedy: "write " + value, Write: value}
}

func (f *Fault) Error() string {
	reason, remedy := Split(f)
	if remedy == "" {
		return reason
	}
	return reason + "; " + remedy
}

// FaultOf returns the Fault of an error; one without a remedy for any other error, and
// nil for nil.
func FaultOf(err error) *Fault {
	if err == nil {
		return nil
	}
	if f, ok := errors.AsType[*Fault](err); ok {
		return f
	}
	return &Fault{Reason: err.Error()}
}

// Split returns the reason and the remedy of an error, or nothing for nil.
func Split(err error) (reason, remedy string) {
	f := FaultOf(err)
	if f == nil {
		return "", ""
	}
	if remedy = f.Remedy; f.Key != "" {
		remedy += ", or add " + f.Key
	}
	return f.Reason, remedy
}
