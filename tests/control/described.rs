//! The document that describes the API, held against the API itself.

use std::collections::{BTreeMap, BTreeSet};

use filbert::control::server::{openapi_json, paths};
use serde_json::Value;

use crate::http::{get, request};
use crate::support::fake_node::{FakeNode, a_peer, a_search};

const METHODS: [&str; 5] = ["get", "post", "put", "delete", "patch"];

fn document() -> Value {
    serde_json::from_str(&openapi_json()).unwrap()
}

/// Each path with its methods and what they are.
fn operations(document: &Value) -> BTreeMap<(String, String), Value> {
    let mut operations = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(METHODS.contains(&method.as_str()), "{path} has {method}");
            operations.insert((path.clone(), method.clone()), operation.clone());
        }
    }
    operations
}

/// A change of the API shows here.
#[test]
fn the_document_stays_as_it_is() {
    insta::assert_snapshot!(openapi_json());
}

#[tokio::test]
async fn the_document_is_served() {
    let served = FakeNode::start().serve().await;
    let answer = get(&served, "/openapi.json").await;
    assert_eq!(answer.json::<Value>(), document());
}

#[test]
fn it_is_openapi_3_1() {
    let document = document();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let scheme = &document["components"]["securitySchemes"]["token"];
    assert_eq!(
        (scheme["type"].as_str(), scheme["scheme"].as_str()),
        (Some("http"), Some("bearer"))
    );
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_used() {
    let document = document();
    let mut references = BTreeSet::new();
    collect_references(&document, &mut references);
    assert!(references.len() > 15, "{references:?}");
    for reference in &references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(references.contains(&format!("#/components/schemas/{name}")), "{name} is unused");
    }
}

fn collect_references(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                references.insert(reference.clone());
            }
            fields.values().for_each(|value| collect_references(value, references));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, references)),
        _ => {}
    }
}

#[test]
fn every_operation_says_what_it_is() {
    let document = document();
    let tags: BTreeSet<_> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["name"].clone().to_string())
        .collect();
    let mut ids = BTreeSet::new();
    for ((path, method), operation) in operations(&document) {
        let place = format!("{method} {path}");
        assert!(!operation["summary"].as_str().unwrap().is_empty(), "{place}");
        assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{place}");
        assert!(tags.contains(&operation["tags"][0].to_string()), "{place}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.contains_key("default"), "{place} does not say how it refuses");
        assert!(responses.keys().any(|status| status.starts_with('2')), "{place}");
        let declared = operation["parameters"].as_array().map_or(0, |parameters| {
            parameters.iter().filter(|parameter| parameter["in"] == "path").count()
        });
        assert_eq!(declared, path.matches('{').count(), "{place}");
        let is_open =
            operation.get("security").is_some_and(|security| security == &serde_json::json!([{}]));
        assert_eq!(is_open, path == "/health", "{place}: {operation}");
    }
}

#[test]
fn what_is_served_is_described_and_what_is_described_is_served() {
    let described: BTreeSet<_> =
        operations(&document()).into_keys().map(|(path, _)| path).collect();
    let served: BTreeSet<_> = paths().into_iter().map(str::to_owned).collect();
    assert_eq!(described, served);
}

/// Each described method is there, and `Allow` names no other.
#[tokio::test]
async fn methods_are_those_that_are_described() {
    let node = FakeNode::start();
    node.change(|state| {
        state.peers.push(a_peer(1));
        state.searches.push(a_search(1, "music"));
    });
    let served = node.serve().await;
    let mut methods = BTreeMap::<String, BTreeSet<String>>::new();
    for (path, method) in operations(&document()).into_keys() {
        methods.entry(path).or_default().insert(method.to_uppercase());
    }
    for (path, described) in methods {
        let path = path.replace("{id}", "1");
        let answer = request(&served, "PATCH", &path, "", "").await;
        answer.problem(405);
        let allowed = answer.header("allow").unwrap().split(',').map(str::to_owned);
        // Whatever can be had can be asked after.
        let allowed: BTreeSet<_> = allowed.filter(|method| method != "HEAD").collect();
        assert_eq!(allowed, described, "{path}");
    }
}

/// What comes is of the described kind: each field that is named there, and no other.
#[tokio::test]
async fn answers_have_the_described_fields() {
    let node = FakeNode::start();
    node.change(|state| {
        state.peers.push(a_peer(1));
        state.searches.push(a_search(1, "music"));
        state.hosts.push(crate::support::fake_node::a_host(1));
        state.hits.push(crate::support::fake_node::a_hit(1, 0));
    });
    let served = node.serve().await;
    let document = document();
    for (path, name) in [
        ("/api/v1/status", "Status"),
        ("/api/v1/peers", "Peer"),
        ("/api/v1/peers/1", "Peer"),
        ("/api/v1/hosts", "Host"),
        ("/api/v1/searches", "Search"),
        ("/api/v1/searches/1", "Search"),
        ("/api/v1/searches/1/hits", "Hit"),
        ("/api/v1/bandwidth", "Bandwidth"),
        ("/api/v1/log", "LogFilter"),
        ("/api/v1", "Route"),
        ("/health", "Health"),
    ] {
        let answer: Value = get(&served, path).await.json();
        let value = answer.get(0).unwrap_or(&answer).as_object().unwrap();
        let schema = document["components"]["schemas"][name]["properties"].as_object().unwrap();
        let keys = |fields: &serde_json::Map<String, Value>| {
            fields.keys().cloned().collect::<BTreeSet<_>>()
        };
        assert_eq!(keys(value), keys(schema), "{path}");
    }
}
