// Package browser opens the pages that abroad makes in headless Chromium: what people see, as they see it.
//
// In: the practice recordings, the samples of reports/testdata, and audits made here (300 destinations); the program
// itself, built for it unless ABROAD_PROGRAM names one.
// Steps: load each page from disk or from "abroad serve", at the sizes of a phone, a laptop and a sheet of paper, light and dark; note every
// request, every line on the console, every violation that axe-core finds; take a picture.
// Out: test results, and pictures and PDFs in out/browser of the repository.
//
// It needs Chromium and npm (for axe-core, pinned in axe.go) and skips without them, unless ABROAD_STRICT is set.
package browser
