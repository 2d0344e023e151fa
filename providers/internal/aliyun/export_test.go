package aliyun

// Where names the variables, or the profile and its file, that the keys come from.
func (s *Source) Where() string { return s.from }
