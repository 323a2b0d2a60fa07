import type { Sample } from "./generate.ts";

const ask = (...patterns: (string | [pattern: string, limit: string])[]): Sample["patterns"] =>
  patterns.map((each) =>
    typeof each === "string" ? { pattern: each, limit: null } : { pattern: each[0], limit: each[1] },
  );

/** Inventories as operators have them, and some that are odd; by name. */
export const written: Readonly<Record<string, Sample>> = {
  "the INI file of Ansible's documentation": {
    files: {
      hosts: `mail.example.com

[webservers]
foo.example.com
bar.example.com   # a comment

[dbservers]
one.example.com
two.example.com
three.example.com ansible_port=5555 ansible_host=192.0.2.50

[atlanta]
host1 http_port=80 maxRequestsPerChild=808
host2 http_port=303 maxRequestsPerChild=909

[raleigh]
host2
host3

[southeast:children]
atlanta
raleigh

[southeast:vars]
some_server=foo.southeast.example.com
halon_system_timeout=30
self_destruct_countdown=60
escape_pods=2

[usa:children]
southeast
northeast

[northeast]
`,
    },
    sources: ["hosts"],
    patterns: ask(
      "all",
      "*",
      "webservers:dbservers",
      "southeast:&raleigh",
      "all:!usa",
      "*.example.com:!one*",
      "~(host|foo).*",
      ["all", "usa"],
    ),
  },
  "the YAML file of Ansible's documentation": {
    files: {
      "hosts.yml": `---
all:
  hosts:
    mail.example.com:
  children:
    webservers:
      hosts:
        foo.example.com:
        bar.example.com:
      vars:
        http_port: 80
    dbservers:
      hosts:
        one.example.com: {ansible_port: 5555, ansible_host: 192.0.2.50}
        two.example.com:
        "db[01:03:2].example.com":
    east:
      hosts: {foo.example.com: , one.example.com: }
    prod:
      children:
        east:
`,
    },
    sources: ["hosts.yml"],
    patterns: ask(
      "prod",
      "east:webservers",
      "webservers[0]",
      "webservers[-1]",
      "dbservers[1:2]",
      "dbservers[1:]",
      "all:&prod",
      "db0?.*",
    ),
  },
  "a file without an ending holds YAML, one with .yml INI": {
    files: {
      inventory: "web:\n  hosts:\n    w1: {a: yes}\n",
      "other.yml": "[web]\nw2 a=yes\n[db:children]\nweb\n[db]\n",
    },
    sources: ["inventory", "other.yml"],
    patterns: ask("web", "db", "all"),
  },
  "JSON is YAML": {
    files: { "hosts.json": '{"all": {"children": {"web": {"hosts": {"w1": {"n": 1, "t": true}}}}}}' },
    sources: ["hosts.json"],
    patterns: ask("web"),
  },
  "Windows line ends": {
    files: {
      hosts: "[web]\r\nw1 a=1\r\n\r\n[web:vars]\r\nb = two words\r\n",
      "h.yml": "db:\r\n  hosts:\r\n    d1:\r\n",
    },
    sources: ["hosts", "h.yml"],
    patterns: ask("all"),
  },
  "a folder of inventories": {
    files: {
      "inv/01-base": "[web]\nw1 x=one\n",
      "inv/02-more.yml": "web: {hosts: {w1: {x: two}, w2: }, vars: {y: beside}}",
      "inv/03-old.cfg": "not an inventory",
      "inv/notes.md": "- [",
      "inv/hosts~": "[wrong",
      "inv/sub/10-sub": "[db]\nd1\n",
      "inv/sub/group_vars/db.yml": "not: read",
      "inv/group_vars/web.yml": "y: file\nz: [1, {a: b}]",
      "inv/group_vars/db/a.yml": "n: 1\nm: 1",
      "inv/group_vars/db/b.yml": "m: 2",
      "inv/group_vars/db/c/d.yml": "m: 3",
      "inv/group_vars/all": "x: all\nw: 1",
      "inv/host_vars/w2.yaml": "y: host",
    },
    sources: ["inv"],
    patterns: ask("all", "web:db"),
  },
  "a folder of variables hides a file of the same name; the first ending counts": {
    files: {
      hosts: "[web]\nw1\nw2\n",
      "group_vars/web/main.yml": "a: folder",
      "group_vars/web.yml": "a: file\nb: file",
      "host_vars/w1.yaml": "c: yaml",
      "host_vars/w1.json": '{"c": "json", "d": 1}',
      "host_vars/w2.txt": "c: not read",
    },
    sources: ["hosts"],
    patterns: [],
  },
  "variables of three levels, priorities, and a host in several groups": {
    files: {
      "hosts.yml": `all:
  vars: {v: all, a: all}
  children:
    region: {vars: {v: region, r: 1}, children: {site: {vars: {v: site}, children: {rack: {vars: {v: rack}, hosts: {h1: }}}}}}
    role: {vars: {v: role, ansible_group_priority: 5}, hosts: {h1: , h2: }}
    zone: {vars: {v: zone}, hosts: {h2: }}
    zeta: {vars: {v: zeta, ansible_group_priority: "3"}, hosts: {h2: {own: 1}}}
`,
      "group_vars/all.yml": "a: file\nf: file",
      "group_vars/role.yml": "f: role\nansible_group_priority: 99",
    },
    sources: ["hosts.yml"],
    patterns: ask("region:&role"),
  },
  "later inventories win": {
    files: {
      "a/hosts": "[g]\nh x=1 y=1\n[g:vars]\nz=1\n",
      "b/hosts": "[g]\nh x=2\n[g:vars]\nz=2\n",
      "a/group_vars/g.yml": "z: 3\nw: 3",
      "b/group_vars/g.yml": "w: 4",
    },
    sources: ["a/hosts", "b/hosts"],
    patterns: [],
  },
  "and the other way round": {
    files: {
      "a/hosts": "[g]\nh x=1 y=1\n",
      "b/hosts": "[g]\nh x=2\n",
      "a/group_vars/g.yml": "w: 3",
      "b/group_vars/g.yml": "w: 4",
    },
    sources: ["b/hosts", "a/hosts"],
    patterns: [],
  },
  "hosts on the command line": {
    files: { hosts: "[web]\nw1\n" },
    sources: ["w9,10.0.0.1:2222,w1,[fe80::2]:22,", "hosts"],
    patterns: ask("all", "ungrouped", "10.*", "fe80::2"),
  },
  "hosts of all and of ungrouped": {
    files: {
      "hosts.yml": "all: {hosts: {z: , a: , m: }}\nungrouped: {hosts: {u: }}\nempty: \ng: {hosts: {m: , b: }}\n",
    },
    sources: ["hosts.yml"],
    patterns: ask("all", "ungrouped", "empty", "g", "!g", "&g", "all[1]"),
  },
  "YAML's own ways: anchors, merges, texts instead of mappings, keys twice": {
    files: {
      "hosts.yml": `common: &common
  vars: &vars {x: 1, y: 1}
web:
  hosts: w1
  vars: {<<: *vars, y: 2}
db:
  <<: *common
  hosts: {d1: , d2: {<<: [{p: 1, q: 1}, {q: 2, r: 2}], r: 3}}
  children: web
db2: {hosts: {d1: {a: 1}, d1: {a: 2}}}
`,
    },
    sources: ["hosts.yml"],
    patterns: ask("db", "d*"),
  },
  "names with dashes, dots and spaces": {
    files: {
      hosts: "[web-servers]\nweb-1.example.com\n[db.prod]\ndb_1\n[web-servers:vars]\na-b=1\n",
      "h.yml": "my group: {hosts: {h1: }}",
    },
    sources: ["hosts", "h.yml"],
    patterns: ask("web-servers", "db.prod", "db.*", "web-?.example.com", "my group", "my*"),
  },
  "variables of INI": {
    files: {
      hosts: `[all:vars]
list = ["a", 'b', 3]
map = {"k": {"n": None}}
text = it's
number = 0644
float = 1.50
hex = 0xff
truth = True
word = true
hash = a # b
quoted = "a # b"
template = {{ list | join(',') }}
equals = a=b=c
empty =
spaced=  around
[g]
h a="x y" b='{"k": [1, 2]}' c=1,2 d="'5'" e=#no
`,
    },
    sources: ["hosts"],
    patterns: [],
  },
  "a group that is declared late, and one of variables first": {
    files: {
      hosts:
        "[top:children]\nlate\nmiddle\n[middle:children]\nlate\nlast\n[g]\nh0\n[g:vars]\nx=1\n[last]\nh3\n[late]\nh1\nh2\n[middle]\nh4\n",
    },
    sources: ["hosts"],
    patterns: ask("top", "middle", "late[0]"),
  },
  "a child that is nowhere is refused": {
    files: { hosts: "[top:children]\nnowhere\n[g]\nh\n" },
    sources: ["hosts"],
    patterns: [],
  },
  "variables of a group that is nowhere are refused": {
    files: { hosts: "[g]\nh\n[nowhere:vars]\nx=1\n" },
    sources: ["hosts"],
    patterns: [],
  },
  "a group in itself is refused": {
    files: { hosts: "[a:children]\nb\n[b:children]\na\n[g]\nh\n" },
    sources: ["hosts"],
    patterns: [],
  },
  "a word that is no variable is refused": {
    files: { hosts: "[g]\nh x=1 oops\n" },
    sources: ["hosts"],
    patterns: [],
  },
  "patterns that name nothing, or places that are not there": {
    files: { hosts: "[web]\nw[1:3]\n[none]\n" },
    sources: ["hosts"],
    patterns: ask(
      "nope",
      "web[3]",
      "web[-4]",
      "web[5:]",
      "none",
      "none[0]",
      "web:!nope",
      "nope:web",
      ["web", "nope"],
      ["web", "w2,w9"],
    ),
  },
};
