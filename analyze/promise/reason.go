package promise

import (
	"fmt"
	"strings"

	"abroad/analyze/audit"
)

// reasons says in words why a verdict is silent.
var reasons = map[audit.Reason]string{
	audit.NotObservable:        "no traffic of a device shows what it is about",
	audit.OutOfScope:           "it does not cover the account, device or place that was recorded",
	audit.ScopeUnknown:         "the sessions do not record whether it covers them",
	audit.NotInForce:           "it was not in force when the recordings were made",
	audit.NotExercised:         "nothing was done in the recordings that would test it",
	audit.FirstPartyUnknown:    "the maker's own domains are not known",
	audit.NothingSelected:      "no recorded flow is one that it covers",
	audit.Insufficient:         "too little was recorded",
	audit.LocationUncertain:    "where the packets ended is not known well enough",
	audit.ContentOpaque:        "what was sent cannot be read",
	audit.AttributionUncertain: "which program sent the packets is not known well enough",
	audit.EdgeOnly:             "only a delivery front was reached, and what lies behind it is not seen",
	audit.ExceptionMayApply:    "an exception may apply",
	audit.PromiseUnverified:    "the promise file is not reviewed, or its source is not a primary one",
}

// conditions says what would have to be known for a lead to count.
var conditions = map[audit.Reason]string{
	audit.NotObservable:        "the statement were one that traffic can decide",
	audit.Insufficient:         "it were seen in 2 or more sessions on 2 or more days",
	audit.LocationUncertain:    "the location were corroborated (L3 or L4)",
	audit.ContentOpaque:        "the content were read and were of the kind that the statement covers",
	audit.AttributionUncertain: "the flows were mapped to the sending program (A2 or A3)",
	audit.EdgeOnly:             "the server were not a delivery front",
	audit.ExceptionMayApply:    "no exception applied",
	audit.PromiseUnverified:    "the promise file were reviewed against a primary source",
}

// remedies says what to do about a reason; %s is its detail.
func (j *judge) remedy(r audit.Reason, detail string) string {
	switch r {
	case audit.OutOfScope:
		return "sessions whose " + detail + " the statement covers"
	case audit.ScopeUnknown:
		switch detail {
		case "residence":
			return "the account's residence: abroad record --residence CC"
		case "tier":
			return "the account's tier: abroad record --tier WORD"
		}
		return "the setting " + detail + ": abroad record --setting " + detail + "=VALUE"
	case audit.NotInForce:
		if j.clause.Force == "plan" {
			return "a text that says so of the present: a plan is not tested against traffic"
		}
		return "recordings made while the statement is in force (" + detail + ")"
	case audit.NotExercised:
		return "a session in which the step " + detail + " is done and marked"
	case audit.FirstPartyUnknown:
		return "first_party.domains in the promise file"
	case audit.NothingSelected:
		return "sessions that do what the statement covers, or an indicator that selects it"
	case audit.Insufficient:
		return fmt.Sprintf("%d or more sessions on %d or more days, in which hosts recur (%s)", minSessions, minSeen, detail)
	case audit.LocationUncertain:
		return "a grade of L2 or better for every destination that the statement covers (" + detail + ")"
	case audit.ContentOpaque:
		return "the decrypted content, with planted values in it"
	case audit.AttributionUncertain:
		return "a recording that maps flows to programs, or baselines of an isolated device"
	case audit.EdgeOnly:
		return "the server behind the delivery front"
	case audit.ExceptionMayApply:
		return "a test of the exception " + detail + ": host patterns in the promise file, or abroad record --setting " + detail + "=no where it did not apply"
	case audit.PromiseUnverified:
		return "a review of the promise file against primary sources: abroad promise review"
	}
	if detail == openList {
		return "a closed list of places"
	}
	return "evidence from behind the server: " + strings.ReplaceAll(detail, "_", " ") + " leaves no packet on the device"
}
