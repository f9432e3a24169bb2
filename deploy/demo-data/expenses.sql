-- The sample database: personal expense tracking. Deterministic: every load gives the same rows, so that copies of it can be
-- compared by checksum. Load into an empty database:  psql -d expenses -f expenses.sql
\set ON_ERROR_STOP on
begin;

create table users (
  user_id     integer generated always as identity primary key,
  user_name   text not null unique check (user_name = lower(user_name)),
  email       text not null unique check (email like '%_@_%'),
  full_name   text not null,
  currency    char(3) not null default 'EUR' check (currency ~ '^[A-Z]{3}$'),
  created_at  timestamptz not null
);
comment on table users is 'People who track their money';

create table categories (
  category_id    integer generated always as identity primary key,
  category_name  text not null unique,
  kind           text not null check (kind in ('expense', 'income')),
  parent_id      integer references categories (category_id) on delete restrict,
  unique (category_id, kind),
  check (parent_id <> category_id)
);
comment on table categories is 'What money is spent on or comes from; one level of nesting';

create table expenses (
  expense_id   bigint generated always as identity primary key,
  user_id      integer not null references users (user_id) on delete cascade,
  category_id  integer not null,
  kind         text not null default 'expense' check (kind = 'expense'),
  amount       numeric(12, 2) not null check (amount > 0),
  spent_on     date not null,
  note         text not null default '',
  foreign key (category_id, kind) references categories (category_id, kind)
);
comment on table expenses is 'One purchase each';
create index expenses_by_user_and_day on expenses (user_id, spent_on desc);
create index expenses_by_category on expenses (category_id);

create table income (
  income_id    bigint generated always as identity primary key,
  user_id      integer not null references users (user_id) on delete cascade,
  category_id  integer not null,
  kind         text not null default 'income' check (kind = 'income'),
  amount       numeric(12, 2) not null check (amount > 0),
  received_on  date not null,
  note         text not null default '',
  foreign key (category_id, kind) references categories (category_id, kind)
);
comment on table income is 'One payment received each';
create index income_by_user_and_day on income (user_id, received_on desc);

create view monthly_balance as
select user_id, month, sum(amount) as balance
from (
  select user_id, date_trunc('month', spent_on)::date as month, -amount as amount from expenses
  union all
  select user_id, date_trunc('month', received_on)::date, amount from income
) movement
group by user_id, month;
comment on view monthly_balance is 'What was left at the end of each month';

insert into users (user_name, email, full_name, currency, created_at)
select 'user' || to_char(n, 'FM000'),
       'user' || to_char(n, 'FM000') || '@example.org',
       (array['Ada', 'Bela', 'Chidi', 'Dana', 'Emre', 'Farah', 'Goran', 'Hana'])[1 + n % 8] || ' '
         || (array['Ndlovu', 'Okoro', 'Petrov', 'Quist', 'Rossi', 'Sato', 'Tanaka'])[1 + n % 7],
       (array['EUR', 'USD', 'GBP', 'CHF'])[1 + n % 4],
       timestamptz '2024-01-01 08:00:00+00' + n * interval '7 hours'
from generate_series(1, 50) n;

insert into categories (category_name, kind, parent_id) values
  ('Living', 'expense', null), ('Leisure', 'expense', null), ('Work', 'income', null), ('Other income', 'income', null),
  ('Rent', 'expense', 1), ('Groceries', 'expense', 1), ('Energy', 'expense', 1), ('Health', 'expense', 1),
  ('Travel', 'expense', 2), ('Books', 'expense', 2), ('Restaurants', 'expense', 2),
  ('Salary', 'income', 3), ('Bonus', 'income', 3), ('Interest', 'income', 4), ('Gifts', 'income', 4);

insert into expenses (user_id, category_id, amount, spent_on, note)
select 1 + n % 50,
       5 + (n * 7) % 7,
       round((3 + (n * 7919) % 24000 / 100.0)::numeric, 2),
       date '2024-01-01' + (n * 13) % 730,
       case when n % 5 = 0 then 'receipt ' || md5(n::text) else '' end
from generate_series(1, 5000) n;

insert into income (user_id, category_id, amount, received_on, note)
select 1 + n % 50,
       12 + (n * 3) % 4,
       round((150 + (n * 104729) % 350000 / 100.0)::numeric, 2),
       date '2024-01-01' + (n * 29) % 730,
       case when n % 3 = 0 then 'transfer ' || md5((n * 2)::text) else '' end
from generate_series(1, 1200) n;

commit;
analyze;
