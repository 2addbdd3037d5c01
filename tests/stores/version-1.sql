
PRAGMA page_size=4096;

BEGIN TRANSACTION;

DROP TABLE IF EXISTS account;
CREATE TABLE account (
            account INTEGER PRIMARY KEY,
            state TEXT NOT NULL,
            holder TEXT NOT NULL,
            product TEXT NOT NULL,
            place TEXT NOT NULL,
            UNIQUE (holder, state, product, place)
        ) STRICT;
INSERT INTO account VALUES(1,'supply','l1','H100','');
INSERT INTO account VALUES(2,'supplied','l1','H100','');
INSERT INTO account VALUES(3,'earmarked','o1','H100','l1');
INSERT INTO account VALUES(4,'earmarked','o2','H100','l1');
INSERT INTO account VALUES(5,'earmarked','o3','H100','l1');
CREATE TRIGGER account_delete BEFORE DELETE ON account BEGIN SELECT RAISE(ABORT, 'account is append-only'); END;
CREATE TRIGGER account_update BEFORE UPDATE ON account BEGIN SELECT RAISE(ABORT, 'account is append-only'); END;

DROP TABLE IF EXISTS entry;
CREATE TABLE entry (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            recorded_at TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            effective INTEGER NOT NULL,
            corrects TEXT,
            body TEXT NOT NULL,
            leaf BLOB NOT NULL
        ) STRICT;
INSERT INTO entry VALUES(1,'in','2024-04-01T00:00:00.000000Z','move',1,NULL,'{"effective":"0001-01-01","id":"in","kind":"move","postings":[["supply","l1","H100","",-1000,"0001-01-01"],["supplied","l1","H100","",1000,"0001-01-01"]],"recorded_at":"2024-04-01T00:00:00.000000Z","seq":1}',X'EF909BE24B8E52C8D9447D7492CB0B7C49088B1CEC8B4CD2EED981E5616EBEA7');
INSERT INTO entry VALUES(2,'m1','2024-04-01T00:00:00.000001Z','move',738887,NULL,'{"effective":"2024-01-02","id":"m1","kind":"move","postings":[["supplied","l1","H100","",-5,"2024-01-02"],["earmarked","o1","H100","l1",5,"2024-01-02"]],"recorded_at":"2024-04-01T00:00:00.000001Z","seq":2}',X'89DE1BFED522B84AED8425A68F24B9C82CF54E39BECC6680D426C753B318CEB7');
INSERT INTO entry VALUES(3,'m2','2024-04-01T00:00:00.000002Z','move',738888,NULL,'{"effective":"2024-01-03","id":"m2","kind":"move","postings":[["supplied","l1","H100","",-7,"2024-01-03"],["earmarked","o2","H100","l1",7,"2024-01-03"]],"reason":"a reason of some length","recorded_at":"2024-04-01T00:00:00.000002Z","seq":3}',X'725446DB46FEFC50F1BE2673DCD79F5FEB1FA26FBAD4C941992A4D315C617943');
INSERT INTO entry VALUES(4,'m3','2024-04-01T00:00:00.000003Z','move',738917,NULL,'{"effective":"2024-02-01","id":"m3","kind":"move","postings":[["earmarked","o1","H100","l1",-2,"2024-02-01"],["earmarked","o2","H100","l1",2,"2024-02-01"]],"recorded_at":"2024-04-01T00:00:00.000003Z","seq":4}',X'556A9D3A99C2A25C06197C4603FD09D345F5B61EC2750A9663912FF047EE1E52');
INSERT INTO entry VALUES(5,'m4','2024-04-01T00:00:00.000004Z','move',738917,'m3','{"corrects":"m3","effective":"2024-02-01","id":"m4","kind":"move","postings":[["earmarked","o2","H100","l1",-2,"2024-02-01"],["earmarked","o1","H100","l1",2,"2024-02-01"]],"recorded_at":"2024-04-01T00:00:00.000004Z","seq":5}',X'D8E0449CEBEAA504115F03AACC7A6957C97B8A473691D66CAB458B84BCB3DE29');
INSERT INTO entry VALUES(6,'m5','2024-04-01T00:00:00.000005Z','move',738950,NULL,'{"effective":"2024-03-05","id":"m5","kind":"move","postings":[["supplied","l1","H100","",-100,"2024-03-05"],["earmarked","o3","H100","l1",100,"2024-03-05"]],"recorded_at":"2024-04-01T00:00:00.000005Z","seq":6}',X'95BD7CCFCA0140DE0F66EC9910148942FA80BDABF6E010B14ACCE88C7B744198');
CREATE UNIQUE INDEX entry_corrects ON entry (corrects) WHERE corrects IS NOT NULL;
CREATE TRIGGER entry_delete BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'entry is append-only'); END;
CREATE TRIGGER entry_update BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'entry is append-only'); END;

DROP TABLE IF EXISTS head;
CREATE TABLE head (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            size INTEGER NOT NULL,
            recorded_at TEXT,
            frontier BLOB NOT NULL
        ) STRICT;
INSERT INTO head VALUES(1,6,'2024-04-01T00:00:00.000005Z',X'407C4905718F37C01BD0DD89796AD95EFFC17992E2E6A2D8127008702A83466C005997C5A49C195256386D8BAFF67FCC0FB55064351018713BEA26D92F3BC33E');

DROP TABLE IF EXISTS meta;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
INSERT INTO meta VALUES('format','earmark-ledger');
INSERT INTO meta VALUES('schema','1');
INSERT INTO meta VALUES('origin','earmark/00112233aabbccdd');

DROP TABLE IF EXISTS posting;
CREATE TABLE posting (
            seq INTEGER NOT NULL REFERENCES entry,
            n INTEGER NOT NULL,
            account INTEGER NOT NULL REFERENCES account,
            quantity INTEGER NOT NULL,
            effective INTEGER NOT NULL,
            PRIMARY KEY (seq, n)
        ) STRICT, WITHOUT ROWID;
INSERT INTO posting VALUES(1,1,1,-1000,1);
INSERT INTO posting VALUES(1,2,2,1000,1);
INSERT INTO posting VALUES(2,1,2,-5,738887);
INSERT INTO posting VALUES(3,1,2,-7,738888);
INSERT INTO posting VALUES(6,1,2,-100,738950);
INSERT INTO posting VALUES(2,2,3,5,738887);
INSERT INTO posting VALUES(4,1,3,-2,738917);
INSERT INTO posting VALUES(5,2,3,2,738917);
INSERT INTO posting VALUES(3,2,4,7,738888);
INSERT INTO posting VALUES(5,1,4,-2,738917);
INSERT INTO posting VALUES(4,2,4,2,738917);
INSERT INTO posting VALUES(6,2,5,100,738950);
CREATE INDEX posting_account ON posting (account, effective, quantity);
CREATE TRIGGER posting_delete BEFORE DELETE ON posting BEGIN SELECT RAISE(ABORT, 'posting is append-only'); END;
CREATE TRIGGER posting_update BEFORE UPDATE ON posting BEGIN SELECT RAISE(ABORT, 'posting is append-only'); END;

DROP VIEW IF EXISTS entries;
CREATE VIEW entries AS
            SELECT seq, recorded_at, id, kind, date(effective + 1721424.5) AS effective,
                json_extract(body, '$.by') AS "by", json_extract(body, '$.authority') AS "authority", json_extract(body, '$.approvals') AS "approvals", json_extract(body, '$.reason') AS "reason", json_extract(body, '$.evidence') AS "evidence", corrects
            FROM entry;
DROP VIEW IF EXISTS postings;
CREATE VIEW postings AS
            SELECT p.seq, e.recorded_at, e.id, a.state, a.holder, a.product, a.place, p.quantity,
                date(p.effective + 1721424.5) AS effective
            FROM posting p
            JOIN entry e ON e.seq = p.seq
            JOIN account a ON a.account = p.account;

COMMIT TRANSACTION;
