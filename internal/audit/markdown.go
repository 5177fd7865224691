package audit

// Markdown writes the report.
func (r Report) Markdown() string { return "" }
