package view

// A Column is a column of a table.
type Column struct {
	Name   string
	Number bool // its cells are aligned to the right
}

// PlanColumns are the columns of a step's table: the name, then the cells of
// Row.PlanCells.
func PlanColumns() []Column {
	return []Column{{"PARTITION", false}, {"LOW", true}, {"NOW", true}, {"TARGET", true}, {"HIGH", true}, {"EFFECT", false}, {"LAG", false}}
}

// PlanCells are the cells of a planned row without its name.
func (r Row) PlanCells() []string {
	return []string{r.Low.String(), r.Now.String(), r.Target.String(), r.High.String(), r.Effect(), r.Lag + " -> " + r.LagAfter}
}

// Log is the log of a row as one range, from its lowest start to its highest end.
func (r Row) Log() string {
	low, high := r.Low.Start(), r.High.End()
	if low == high {
		return low
	}
	return low + ".." + high
}

// PlanSentence is a planned row as a sentence, if columns do not fit.
func (r Row) PlanSentence(o Options) string {
	c := r.PlanCells()
	return o.Name(r.Name(), NameWidth) + ": low " + c[0] + ", now " + c[1] + ", target " + c[2] + ", high " + c[3] + "; " + c[4] + "; lag " + c[5]
}

// StatusColumns are the columns of a status: the name, then the cells of
// Row.StatusCells.
func StatusColumns() []Column {
	return []Column{{"PARTITION", false}, {"BEFORE", true}, {"RESET TO", true}, {"NOW", true}, {"HIGH", true}, {"LAG", true}, {"SINCE", false}}
}

// StatusCells are the cells of a row of a status without its name.
func (r Row) StatusCells() []string {
	return []string{r.Before.String(), r.Target.String(), r.Now.String(), r.High.String(), r.Lag, r.Effect()}
}
