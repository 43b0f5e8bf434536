//! Seals: a byte that changed on the disk is never served as truth.
//!
//! `SQLite` checks the structure of its file, not what stands in it. So each row carries CRC-32
//! over the name of its table and all its other columns, which is written with it and compared
//! on every read. It guards against decay, not against a person.

use std::error::Error;
use std::fmt;

use crc32fast::Hasher;
use futures_util::TryStreamExt;
use sqlx::sqlite::{SqliteColumn, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Column, Decode, FromRow, Row, TypeInfo, ValueRef};

use crate::error::StoreError;

/// The column that holds the seal; every table has it.
pub(crate) const COLUMN: &str = "seal";
/// Rows that are sealed anew at a time.
const PORTION: usize = 500;

/// One value of a row, borrowed from it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
    Blob(&'a [u8]),
}

/// A type of a column.
pub(crate) trait Value {
    fn cell(&self) -> Cell<'_>;
}

impl Value for i64 {
    fn cell(&self) -> Cell<'_> {
        Cell::Integer(*self)
    }
}

impl Value for String {
    fn cell(&self) -> Cell<'_> {
        Cell::Text(self)
    }
}

impl Value for Vec<u8> {
    fn cell(&self) -> Cell<'_> {
        Cell::Blob(self)
    }
}

impl<T: Value> Value for Option<T> {
    fn cell(&self) -> Cell<'_> {
        self.as_ref().map_or(Cell::Null, T::cell)
    }
}

/// Computes a seal. Each value enters with its type and length, so no two rows look the same.
struct Sealer(Hasher);

impl Sealer {
    fn new(table: &str) -> Self {
        let mut sealer = Self(Hasher::new());
        sealer.piece(b'@', table.as_bytes());
        sealer
    }

    fn piece(&mut self, kind: u8, bytes: &[u8]) {
        self.0.update(&[kind]);
        self.0.update(&bytes.len().to_le_bytes());
        self.0.update(bytes);
    }

    fn cell(&mut self, cell: Cell<'_>) {
        match cell {
            Cell::Null => self.piece(b'n', &[]),
            Cell::Integer(number) => self.piece(b'i', &number.to_le_bytes()),
            Cell::Text(text) => self.piece(b't', text.as_bytes()),
            Cell::Blob(bytes) => self.piece(b'b', bytes),
        }
    }

    fn seal(self) -> i64 {
        self.0.finalize().into()
    }
}

/// A struct with one field per column but the seal, in the table's order.
pub(crate) trait Table: for<'r> FromRow<'r, SqliteRow> + Send + Sync + Unpin {
    const NAME: &'static str;
    /// Columns of its primary key.
    const KEY: &'static [&'static str];

    fn cells(&self) -> Vec<(&'static str, Cell<'_>)>;
}

/// Declares such a struct: `struct Row of "table" by key { column: type, … }`.
macro_rules! sealed_table {
    (
        $(#[$meta:meta])*
        struct $row:ident of $table:literal by $($key:ident)+ {
            $($column:ident: $type:ty,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, sqlx::FromRow)]
        pub(crate) struct $row {
            $(pub(crate) $column: $type,)+
        }

        impl $crate::seal::Table for $row {
            const NAME: &'static str = $table;
            const KEY: &'static [&'static str] = &[$(stringify!($key)),+];

            fn cells(&self) -> Vec<(&'static str, $crate::seal::Cell<'_>)> {
                vec![$((stringify!($column), $crate::seal::Value::cell(&self.$column))),+]
            }
        }
    };
}
pub(crate) use sealed_table;

/// A row whose seal was found whole: the only way to read one.
#[derive(Debug)]
pub(crate) struct Sealed<T>(pub(crate) T);

impl<'r, T: Table> FromRow<'r, SqliteRow> for Sealed<T> {
    fn from_row(row: &'r SqliteRow) -> Result<Self, sqlx::Error> {
        let broken = |why| sqlx::Error::Decode(Box::new(BrokenSeal::of::<T>(row, why)));
        let stored: i64 = row.try_get(COLUMN).map_err(|_| broken("it has no seal"))?;
        if seal_of(T::NAME, row, row.columns()).map_err(|_| broken("a value has the wrong type"))?
            != stored
        {
            return Err(broken("its seal is broken"));
        }
        T::from_row(row).map(Self).map_err(|_| broken("a value has the wrong type"))
    }
}

/// Which row is damaged, for the log: nothing that a person typed, and no hash of a token.
#[derive(Debug)]
pub(crate) struct BrokenSeal(pub(crate) String);

impl BrokenSeal {
    fn of<T: Table>(row: &SqliteRow, why: &str) -> Self {
        let key = |column: &&str| match row.try_get_raw(*column).ok()?.type_info().name() {
            "INTEGER" => Some(row.try_get::<i64, _>(*column).ok()?.to_string()),
            "TEXT" => row.try_get::<String, _>(*column).ok(),
            _ => None,
        };
        let key: Vec<String> = T::KEY.iter().filter_map(key).collect();
        Self(format!("{} {}: {why}", T::NAME, key.join(" ")))
    }
}

impl fmt::Display for BrokenSeal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl Error for BrokenSeal {}

fn seal_of(
    table: &str,
    row: &SqliteRow,
    columns: &[SqliteColumn],
) -> Result<i64, Box<dyn Error + Send + Sync>> {
    let mut sealer = Sealer::new(table);
    for column in columns.iter().filter(|column| column.name() != COLUMN) {
        let value = row.try_get_raw(column.ordinal())?;
        let kind = value.type_info();
        sealer.cell(match kind.name() {
            _ if value.is_null() => Cell::Null,
            "INTEGER" => Cell::Integer(Decode::decode(value)?),
            "TEXT" => Cell::Text(Decode::decode(value)?),
            _ => Cell::Blob(Decode::decode(value)?),
        });
    }
    Ok(sealer.seal())
}

/// Stores a new row with its seal.
pub(crate) async fn insert<T: Table>(
    connection: &mut SqliteConnection,
    row: &T,
) -> Result<(), StoreError> {
    let cells = row.cells();
    let columns = cells.iter().map(|(column, _)| *column).collect::<Vec<_>>().join(", ");
    let marks = "?, ".repeat(cells.len());
    let sql = format!("INSERT INTO {} ({columns}, {COLUMN}) VALUES ({marks}?)", T::NAME);
    let values = cells.iter().map(|(_, cell)| *cell).chain([seal(T::NAME, &cells)]);
    execute(connection, sql, values).await?;
    Ok(())
}

/// Replaces all of the row with this key; returns whether there is one.
///
/// The row was read before, in the same transaction: what it held was whole.
pub(crate) async fn update<T: Table>(
    connection: &mut SqliteConnection,
    row: &T,
) -> Result<bool, StoreError> {
    let cells = row.cells();
    let seal = seal(T::NAME, &cells);
    let (key, rest): (Vec<_>, Vec<_>) =
        cells.into_iter().partition(|(column, _)| T::KEY.contains(column));
    let equal = |cells: &[(&str, Cell<'_>)]| -> Vec<String> {
        cells.iter().map(|(column, _)| format!("{column} = ?")).collect()
    };
    let (columns, condition) = (equal(&rest).join(", "), equal(&key).join(" AND "));
    let sql = format!("UPDATE {} SET {columns}, {COLUMN} = ? WHERE {condition}", T::NAME);
    let values = rest.iter().map(|(_, cell)| *cell);
    let values = values.chain([seal]).chain(key.iter().map(|(_, cell)| *cell));
    Ok(execute(connection, sql, values).await? > 0)
}

/// Stores the row, whether or not there is one with its key.
pub(crate) async fn put<T: Table>(
    connection: &mut SqliteConnection,
    row: &T,
) -> Result<(), StoreError> {
    if update(connection, row).await? { Ok(()) } else { insert(connection, row).await }
}

fn seal(table: &str, cells: &[(&'static str, Cell<'_>)]) -> Cell<'static> {
    let mut sealer = Sealer::new(table);
    for (_, cell) in cells {
        sealer.cell(*cell);
    }
    Cell::Integer(sealer.seal())
}

/// `sql` is made of names in this crate only.
async fn execute(
    connection: &mut SqliteConnection,
    sql: String,
    values: impl Iterator<Item = Cell<'_>>,
) -> Result<u64, StoreError> {
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for value in values {
        query = match value {
            Cell::Null => query.bind(None::<i64>),
            Cell::Integer(number) => query.bind(number),
            Cell::Text(text) => query.bind(text),
            Cell::Blob(bytes) => query.bind(bytes),
        };
    }
    Ok(query.execute(connection).await?.rows_affected())
}

/// All tables whose rows carry a seal.
async fn tables(connection: &mut SqliteConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT t.name FROM pragma_table_list t
         WHERE t.schema = 'main' AND t.type = 'table'
         AND EXISTS (SELECT 1 FROM pragma_table_info(t.name) c WHERE c.name = 'seal')",
    )
    .fetch_all(connection)
    .await
}

/// Compares the seals of all rows, whatever the version of the schema.
pub(crate) async fn check(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    for table in tables(connection).await? {
        let all = format!("SELECT * FROM {table}");
        let mut rows = sqlx::query(AssertSqlSafe(all)).fetch(&mut *connection);
        let mut number = 0_u64;
        while let Some(row) = rows.try_next().await? {
            number += 1;
            let stored: Option<i64> = row.try_get(COLUMN).ok();
            if stored.is_none() || seal_of(&table, &row, row.columns()).ok() != stored {
                return Err(StoreError::Damaged {
                    what: format!("row {number} of {table} was changed: its seal is broken"),
                });
            }
        }
    }
    Ok(())
}

/// Seals all rows of all tables anew, after a migration that may have written any of them.
/// Whether they were whole was looked at before it.
pub(crate) async fn renew(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    for table in tables(connection).await? {
        let mut last = i64::MIN;
        loop {
            // In portions: a large table does not have to fit into memory.
            let portion = format!(
                "SELECT rowid, * FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT {PORTION}"
            );
            let rows =
                sqlx::query(AssertSqlSafe(portion)).bind(last).fetch_all(&mut *connection).await?;
            for row in &rows {
                last = row.try_get(0)?;
                let seal =
                    seal_of(&table, row, &row.columns()[1..]).map_err(sqlx::Error::Decode)?;
                if row.try_get::<i64, _>(COLUMN)? == seal {
                    continue;
                }
                let set = format!("UPDATE {table} SET {COLUMN} = ? WHERE rowid = ?");
                sqlx::query(AssertSqlSafe(set))
                    .bind(seal)
                    .bind(last)
                    .execute(&mut *connection)
                    .await?;
            }
            if rows.len() < PORTION {
                break;
            }
        }
    }
    Ok(())
}
