package api

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

func TestOnlyACommaBeforeAClosingBracketIsRemoved(t *testing.T) {
	for given, want := range map[string]string{
		"{\n  \"code\": 0,\n  \"msg\": \"OK\",\n}": "{\n  \"code\": 0,\n  \"msg\": \"OK\"\n}",
		`{"list": [1, 2, ], }`:                     `{"list": [1, 2 ] }`,
		`{"msg": "a,}", "b": "\",]",}`:             `{"msg": "a,}", "b": "\",]"}`,
		`{"msg": ",}"}`:                            `{"msg": ",}"}`,
	} {
		if got := string(strict([]byte(given))); got != want || !json.Valid([]byte(got)) {
			t.Errorf("%s: got %s, want %s", given, got, want)
		}
	}
	for _, given := range []string{"", "<html>", `{"code":0,,}`, `{"code":0`, `{"code":0,`, `{code:0,}`, `{"code":0} {"code":1,}`} {
		if got := strict([]byte(given)); json.Valid(got) {
			t.Errorf("%q is read as %s", given, got)
		}
	}
}

func TestNumbersMayBeStringsAndAbsentIsNotZero(t *testing.T) {
	for given, want := range map[string]httpcall.Number{
		`{"code": 0}`: {N: 0, Known: true}, `{"code": "0"}`: {N: 0, Known: true}, `{"code": 9007199254740993}`: {N: 9007199254740993, Known: true},
		`{"code": "9007199254740993"}`: {N: 9007199254740993, Known: true}, `{"code": null}`: {}, `{"code": ""}`: {}, `{}`: {},
	} {
		var a answer
		if err := json.Unmarshal([]byte(given), &a); err != nil || a.Code != want {
			t.Errorf("%s: got %+v, %v", given, a.Code, err)
		}
	}
	for _, given := range []string{`{"code": 0.5}`, `{"code": true}`, `{"code": "zero"}`, `{"code": {}}`} {
		var a answer
		if json.Unmarshal([]byte(given), &a) == nil {
			t.Errorf("%s is read as %+v", given, a.Code)
		}
	}
}

func TestTheCodeIsReadFromCodeOrStatus(t *testing.T) {
	for given, want := range map[string]httpcall.Number{
		`{"code": 61108, "status": 0}`: {N: 61108, Known: true}, `{"status": 1203}`: {N: 1203, Known: true}, `{"status": "1203"}`: {N: 1203, Known: true},
		`{"stauts": 1003}`: {N: 1003, Known: true}, `{"status": "fine", "stauts": 0}`: {Known: true}, `{"apim_status": 4011}`: {N: 4011, Known: true},
		`{"code": 0, "apim_status": 4012}`: {N: 4012, Known: true}, `{"code": 0, "apim_status": 0, "status": 200}`: {Known: true},
		`{"code": 0, "status": "fine"}`: {N: 0, Known: true}, `{"status": "fine"}`: {}, `{"msg": "OK"}`: {},
	} {
		var a answer
		if err := json.Unmarshal([]byte(given), &a); err != nil {
			t.Fatal(err)
		}
		if code, known := a.code(); code != want.N || known != want.Known {
			t.Errorf("%s: got %d, %v", given, code, known)
		}
	}
}

func TestOneObjectIsReadAsAList(t *testing.T) {
	for given, want := range map[string]many[pipelineData]{
		`[{"pipelineId":"a"},{"pipelineId":"b"}]`: {{ID: "a"}, {ID: "b"}}, `{"pipelineId":"a"}`: {{ID: "a"}}, `[]`: {}, `null`: nil,
	} {
		var got many[pipelineData]
		if err := json.Unmarshal([]byte(given), &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v", given, got, err)
		}
	}
}

func TestTheMessageHasItsDetail(t *testing.T) {
	for given, want := range map[string]string{
		`{"msg": "a", "submsg": "b"}`: "a: b", `{"msg": "a", "submsg": null}`: "a", `{"submsg": "b"}`: "b", `{"msg": "a b", "submsg": "b"}`: "a b", `{}`: "",
	} {
		var a answer
		if err := json.Unmarshal([]byte(given), &a); err != nil || a.message() != want {
			t.Errorf("%s: got %q, %v", given, a.message(), err)
		}
	}
}
