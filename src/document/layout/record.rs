use std::collections::HashMap;

use serde_json::Value as Json;
use zeroize::Zeroizing;

/// The version of the record's grammar that is written, and the only one that is read.
const VERSION: u64 = 1;

/// The original spelling of what decryption would write otherwise (`docs/format.md`).
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::document) struct Record {
    /// The nodes whose text is kept, in document order.
    pub(super) sites: Vec<Site>,
    /// Pieces of the text outside nodes, in order.
    pub(super) hunks: Vec<Hunk>,
}

/// A node with its original text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Site {
    /// The keys from the top level on; elements of lists have the path of their list.
    pub(super) path: Vec<String>,
    /// How many nodes before it have the same path.
    pub(super) occurrence: usize,
    pub(super) text: Original,
}

/// The original text of a node.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::document) enum Original {
    /// What takes the place of a scalar's site, or of a whole collection.
    Text(String),
    /// A block scalar as it was: header and lines.
    Block(String, String),
    /// A literal block: header, and the column at which the lines of the value stand.
    Literal(String, usize),
    /// All lines of a node, from behind its key on, or from where it begins in a list.
    Lines(String),
}

/// A piece of the text that is outside all nodes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Hunk {
    /// The byte where it begins; negative ones count from the end of the text.
    pub(super) offset: i64,
    /// What stands there without it.
    pub(super) removed: String,
    /// What stood there.
    pub(super) inserted: String,
}

impl Record {
    pub(in crate::document) fn is_empty(&self) -> bool {
        self.sites.is_empty() && self.hunks.is_empty()
    }

    /// Writes the record as text.
    pub(in crate::document) fn to_text(&self) -> Zeroizing<String> {
        let mut writer = SiteWriter::default();
        self.sites.iter().for_each(|site| writer.write(site));
        let mut record = serde_json::Map::new();
        record.insert("v".to_owned(), VERSION.into());
        if !self.hunks.is_empty() {
            let hunks = self.hunks.iter().map(|hunk| {
                Json::from(vec![
                    Json::from(hunk.offset),
                    Json::from(hunk.removed.as_str()),
                    Json::from(hunk.inserted.as_str()),
                ])
            });
            record.insert("text".to_owned(), hunks.collect());
        }
        if !writer.items.is_empty() {
            record.insert("sites".to_owned(), writer.items.into());
        }
        Zeroizing::new(Json::Object(record).to_string())
    }

    /// Reads a record; nothing if it is of another version or not of its grammar.
    pub(in crate::document) fn parse(text: &str) -> Option<Self> {
        let record: Json = serde_json::from_str(text).ok()?;
        if record.get("v")?.as_u64()? != VERSION {
            return None;
        }
        let list = |name| match record.get(name) {
            None => Some(&[][..]),
            Some(list) => list.as_array().map(Vec::as_slice),
        };
        let sites = SiteReader::default().read(list("sites")?)?;
        let hunks = list("text")?.iter().map(read_hunk).collect::<Option<_>>()?;
        Some(Self { sites, hunks })
    }
}

fn read_hunk(hunk: &Json) -> Option<Hunk> {
    let [offset, removed, inserted] = hunk.as_array()?.as_slice() else { return None };
    let text = |text: &Json| text.as_str().map(str::to_owned);
    Some(Hunk { offset: offset.as_i64()?, removed: text(removed)?, inserted: text(inserted)? })
}

impl Original {
    fn to_json(&self) -> Json {
        match self {
            Self::Text(text) => text.as_str().into(),
            Self::Block(header, body) => vec![header.as_str(), body].into(),
            Self::Literal(header, column) => {
                vec![Json::from(header.as_str()), Json::from(*column)].into()
            }
            Self::Lines(text) => vec![text.as_str()].into(),
        }
    }

    fn from_json(json: &Json) -> Option<Self> {
        if let Some(text) = json.as_str() {
            return Some(Self::Text(text.to_owned()));
        }
        let text = |json: &Json| json.as_str().map(str::to_owned);
        match json.as_array()?.as_slice() {
            [lines] => text(lines).map(Self::Lines),
            [header, column] if column.is_u64() => {
                let column = usize::try_from(column.as_u64()?).ok()?;
                Some(Self::Literal(text(header)?, column))
            }
            [header, body] => Some(Self::Block(text(header)?, text(body)?)),
            _ => None,
        }
    }
}

/// Writes sites one after the other, each path by what it has in common with the one before.
#[derive(Default)]
struct SiteWriter<'r> {
    items: Vec<Json>,
    last: &'r [String],
    next: HashMap<&'r [String], usize>,
}

impl<'r> SiteWriter<'r> {
    fn write(&mut self, site: &'r Site) {
        let path = site.path.as_slice();
        let next = self.next.entry(path).or_default();
        let skipped = site.occurrence.saturating_sub(*next);
        *next = site.occurrence + 1;
        let kept = self.last.iter().zip(path).take_while(|(one, two)| one == two).count();
        let is_sibling = path.len() == self.last.len() && path.len() == kept + 1 && skipped == 0;
        if is_sibling {
            self.items.push(path[kept].as_str().into());
            self.items.push(site.text.to_json());
        } else {
            let mut items = vec![Json::from(kept)];
            let keys = path.iter().enumerate().skip(kept);
            items.extend(keys.map(|(level, key)| match self.last.get(level) {
                Some(last) if last == key => Json::Null,
                _ => key.as_str().into(),
            }));
            if skipped > 0 {
                items.push(skipped.into());
            }
            items.push(site.text.to_json());
            self.items.push(items.into());
        }
        self.last = path;
    }
}

/// The counterpart of [`SiteWriter`].
#[derive(Default)]
struct SiteReader {
    last: Vec<String>,
    next: HashMap<Vec<String>, usize>,
}

impl SiteReader {
    fn read(&mut self, items: &[Json]) -> Option<Vec<Site>> {
        let mut sites = Vec::new();
        let mut items = items.iter();
        while let Some(item) = items.next() {
            let site = match item {
                Json::String(key) => {
                    key.clone_into(self.last.last_mut()?);
                    self.site(0, items.next()?)?
                }
                other => self.read_full(other)?,
            };
            sites.push(site);
        }
        Some(sites)
    }

    fn read_full(&mut self, site: &Json) -> Option<Site> {
        let (text, items) = site.as_array()?.split_last()?;
        let (kept, mut keys) = items.split_first()?;
        let mut skipped = 0;
        if let Some((last, before)) = keys.split_last()
            && let Some(number) = last.as_u64()
        {
            skipped = usize::try_from(number).ok()?;
            keys = before;
        }
        let kept = usize::try_from(kept.as_u64()?).ok()?;
        let rest = self.last.get(kept..)?.to_vec();
        self.last.truncate(kept);
        for (level, key) in keys.iter().enumerate() {
            let key = if key.is_null() { rest.get(level)? } else { key.as_str()? };
            self.last.push(key.to_owned());
        }
        self.site(skipped, text)
    }

    /// Makes the site at the current path, so many nodes further on.
    fn site(&mut self, skipped: usize, text: &Json) -> Option<Site> {
        let next = self.next.entry(self.last.clone()).or_default();
        let occurrence = next.checked_add(skipped)?;
        *next = occurrence.checked_add(1)?;
        Some(Site { path: self.last.clone(), occurrence, text: Original::from_json(text)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(path: &[&str], occurrence: usize, text: Original) -> Site {
        Site { path: path.iter().map(|key| (*key).to_owned()).collect(), occurrence, text }
    }

    fn text(text: &str) -> Original {
        Original::Text(text.to_owned())
    }

    #[test]
    fn a_record_is_written_in_few_bytes_and_read_back() {
        let record = Record {
            sites: vec![
                site(&["a", "b"], 0, text("0x1F")),
                site(&["a", "b2"], 0, text("0x2F")),
                site(&["a", "c"], 1, text("1.10")),
                site(&["a", "c"], 2, text("1.20")),
                site(&["a"], 3, Original::Lines(": *x # c".to_owned())),
                site(&["d"], 0, Original::Literal("|-".to_owned(), 6)),
                site(&["d"], 1, Original::Block(">".to_owned(), "\n  x".to_owned())),
                site(&["e", "d"], 0, text("1")),
                site(&["f", "d"], 0, text("1")),
            ],
            hunks: vec![Hunk { offset: -1, removed: "\n".to_owned(), inserted: String::new() }],
        };
        let expected = r#"{"sites":[[0,"a","b","0x1F"],"b2","0x2F",[1,"c",1,"1.10"],[2,"1.20"],[1,3,[": *x # c"]],"d",["|-",6],[1,[">","\n  x"]],[0,"e","d","1"],[0,"f",null,"1"]],"text":[[-1,"\n",""]],"v":1}"#;
        let written = record.to_text();
        assert_eq!(written.as_str(), expected);
        assert_eq!(Record::parse(&written), Some(record));
    }

    #[test]
    fn what_is_no_record_is_not_read() {
        let rows = [
            "",
            "{}",
            r#"{"v":2}"#,
            r#"{"v":1,"sites":1}"#,
            r#"{"v":1,"sites":[[1,"a","x"]]}"#,
            r#"{"v":1,"sites":[["a","x"]]}"#,
            r#"{"v":1,"sites":[[0,"a",[]]]}"#,
            r#"{"v":1,"sites":[[0,"a",18446744073709551615,"x"],[1,"y"]]}"#,
            r#"{"v":1,"sites":[[]]}"#,
            r#"{"v":1,"sites":["a","b"]}"#,
            r#"{"v":1,"sites":[[0,"a","b"],"c"]}"#,
            r#"{"v":1,"sites":[[0,null,"b"]]}"#,
            r#"{"v":1,"sites":[[9,"a","b"]]}"#,
            r#"{"v":1,"text":[[0,"a"]]}"#,
        ];
        for row in rows {
            assert_eq!(Record::parse(row), None, "{row}");
        }
        assert_eq!(Record::parse(r#"{"v":1}"#), Some(Record::default()));
    }
}
