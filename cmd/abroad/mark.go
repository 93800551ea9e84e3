package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"abroad/capture/session"
)

func newMark() *cobra.Command {
	var dir, action string
	var next bool
	cmd := &cobra.Command{
		Use:   "mark [flags] [TEXT]",
		Short: "Note what you do while a session is recorded",
		Long: `Mark puts a mark into the chain of events of the session that is being recorded,
with the time of the recording machine. A mark with an action begins a step of the
scenario, which lasts until the next one: the report says in which step a flow
began, and promises can be about a step.`,
		Example: `  # needs a recording under way
  abroad mark uploaded

  # needs a recording under way: the same as a step that promises can name
  abroad mark --action post_private_video

  # needs a recording under way: the next step of its plan begins
  abroad mark --next`,
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) > 1:
				return usagef(`usage: abroad mark "all of it in quotes"`, "mark: unexpected argument %q", args[1])
			case len(args) == 0 && action == "" && !next:
				return usagef("usage: "+cmd.UseLine(), "mark: no TEXT given")
			case next && action != "":
				return usagef("", "mark: --next and --action contradict each other")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			request := session.MarkRequest{Action: action, Next: next}
			if len(args) > 0 {
				request.Text = args[0]
			}
			if action != "" {
				if err := session.CheckAction(action); err != nil {
					return usagef("", "mark: %w", err)
				}
			}
			if dir == "" {
				var err error
				if dir, err = liveSession(); err != nil {
					return err
				}
			}
			reply, err := session.Mark(dir, request)
			if errors.Is(err, session.ErrNotRecording) {
				return &hintedError{fmt.Errorf("mark %s: %w", dir, err), "abroad session show says how it was closed"}
			}
			if err != nil {
				return fmt.Errorf("mark %s: %w", dir, err)
			}
			showMark(cmd, &reply)
			return nil
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&action, "action", "", "a step begins, by its `KEY` (post_private_video)")
	f.BoolVar(&next, "next", false, "the next step of the plan begins")
	f.StringVar(&dir, "session", "", "the session in `DIR` (default: the one that is being recorded)")
	cmd.MarkFlagDirname("session")
	return cmd
}

// showMark prints what was kept, and the step that comes next.
func showMark(cmd *cobra.Command, r *session.MarkReply) {
	w := cmd.OutOrStdout()
	what := r.Text
	if r.Action != "" {
		what = r.Action
	}
	fmt.Fprintf(w, "%s  event %d  %s\n", r.At, r.Event, oneLine(what))
	if r.Step > 0 {
		fmt.Fprintf(w, "step %d of %d\n", r.Step, r.Steps)
	}
	if r.Then != nil {
		fmt.Fprintf(w, "next: %s  %s\n", r.Then.Action, oneLine(r.Then.Text))
	} else if r.Steps > 0 && r.Step == r.Steps {
		fmt.Fprintln(w, "that was the last step")
	}
}
