package plan_test

// Everything that may be imported is written here; what is not written is
// refused. A pattern that ends in /... means a package and those below it.

// levels is the order of the core, the lowest first: a package may import those
// of lower levels, and those of its own pattern.
var levels = []string{
	"files plan/text/... providers providers/cores",
	"providers/retry schema/...",
	"plan/lock/...",
	"plan",
	"plan/decide plan/operator plan/workload",
	"plan/check",
	"plan/survey",
	"plan/impact",
	"plan/track",
	"plan/reconcile plan/draft",
	"plan/watch plan/doctor",
	"plan/exchange plan/view/...",
	"cmd/resetplan/...",
}

// less says which packages of a level may import less than all of the levels
// below, and which packages are outside of the levels. * is one element, and a
// provider may import what is below it.
var less = map[string]string{
	"schema":                       "plan/text/... schema/...",
	"schema/diag":                  "plan/text/...",
	"schema/literal":               "plan/text/... schema/diag",
	"schema/yamltext":              "plan/text/pattern schema/diag",
	"schema/tree":                  "plan/text/pattern schema/diag schema/literal schema/yamltext",
	"schema/...":                   "plan/text/...",
	"providers/retry":              "providers",
	"cmd/resetplan/...":            "files plan plan/... providers providers/all providers/retry providers/sandbox schema/...",
	"plan/plantest":                "plan plan/... providers providers/memory providers/retry schema/...",
	"plan/modelcheck":              "",
	"providers/all":                "providers providers/*",
	"providers/sandbox":            "providers/*/*fake",
	"providers/sandbox/cloudbench": "providers/*/*fake providers/internal/figures",
	"providers/memory/...":         "plan/text/... providers",
	"providers/providertest/...":   "plan/text/... providers",
	"providers/internal/...":       "files plan/text/... providers providers/retry",
	"providers/*/...":              "files plan/text/... providers providers/cores providers/internal/... providers/retry",
}

// forTests are packages that only tests, and packages below them, import.
var forTests = []string{"plan/lock/internal/store/storetest", "plan/lock/locktest", "plan/plantest", "plan/view/viewtest", "providers/providertest", "providers/kafka/kafkatest",
	"providers/internal/shell/shelltest"}

// foreign is the home of each module that is not ours, and of those packages of the
// standard library that have one. The home of those in evenTests holds for tests too.
var (
	foreign = map[string]string{
		"github.com/aliyun/alibaba-cloud-sdk-go":       "providers/aliyunkafka/internal/api",
		"github.com/aliyun/aliyun-log-go-sdk":          "providers/aliyunsls/internal/api",
		"github.com/aliyun/credentials-go":             "providers/internal/aliyun",
		"github.com/Azure/azure-sdk-for-go":            "plan/lock/internal/objects/drivers plan/lock/locktest",
		"github.com/aws/aws-sdk-go-v2":                 "plan/lock/internal/objects/drivers providers/kafka",
		"github.com/clipperhouse/displaywidth":         "plan/view",
		"github.com/gofrs/flock":                       "files",
		"github.com/google/renameio/v2":                "files",
		"github.com/huaweicloud/huaweicloud-sdk-go-v3": "providers/huaweirocketmq/internal/api",
		"github.com/jcmturner/gokrb5/v8":               "providers/kafka",
		"github.com/magiconair/properties":             "providers/kafka/internal/javaclient",
		"github.com/mattn/go-isatty":                   "cmd/resetplan",
		"github.com/olekukonko/tablewriter":            "plan/view/term",
		"github.com/pavlo-v-chernykh/keystore-go/v4":   "providers/kafka/internal/javaclient",
		"github.com/santhosh-tekuri/jsonschema/v5":     "schema",
		"github.com/tencentcloud/tencentcloud-sdk-go":  "providers/tencentdts/internal/api",
		"github.com/twmb/franz-go":                     "providers/kafka/... providers/*/*fake providers/sandbox/cloudbench",
		"github.com/urfave/cli/v2":                     "cmd/resetplan/...",
		"github.com/vbauerster/mpb/v8":                 "plan/view/term",
		"golang.org/x/net":                             "plan/view/viewtest providers/*/...",
		"golang.org/x/oauth2":                          "plan/lock/internal/objects/drivers providers/kafka",
		"golang.org/x/sync":                            "providers/*/...",
		"golang.org/x/sys":                             "cmd/resetplan/... files plan/workload providers/internal/neterr",
		"golang.org/x/term":                            "cmd/resetplan",
		"golang.org/x/time":                            "providers/*/...",
		"gopkg.in/ini.v1":                              "providers/*/...",
		"gopkg.in/yaml.v3":                             "schema schema/tree schema/yamltext",
		"html/template":                                "plan/view/html",
		"software.sslmate.com/src/go-pkcs12":           "providers/kafka/internal/javaclient",
	}
	evenTests = []string{"github.com/olekukonko/tablewriter", "github.com/santhosh-tekuri/jsonschema/v5", "github.com/urfave/cli/v2",
		"github.com/vbauerster/mpb/v8"}
)

// pure are packages that compute and do nothing else, and impure is what they
// may therefore not import of the standard library.
var (
	pure   = []string{"plan", "plan/decide", "plan/text"}
	impure = []string{"context", "io", "io/fs", "math/rand", "math/rand/v2", "net", "net/http", "os", "os/exec", "os/user", "sync"}
)
