-- Who has a backend's authority: docs/architecture.md, "Epochs, authority, recovery".

-- The highest epoch that an activation has claimed for a backend. It only grows. A ledger whose epoch is lower has a successor.
CREATE TABLE admission_epoch
(
    service_id text        NOT NULL,
    backend    text        NOT NULL,
    epoch      bigint      NOT NULL,
    silo       text        NOT NULL, -- who has claimed it
    claimed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (service_id, backend)
);

-- Each silo's authority lease by the database's clock, for people: nothing is decided by it. Rows that were not renewed for an hour are deleted by the other silos.
CREATE TABLE admission_silo
(
    service_id   text        NOT NULL,
    silo         text        NOT NULL,
    started_at   timestamptz NOT NULL DEFAULT now(),
    renewed_at   timestamptz NOT NULL DEFAULT now(),
    authority_ms bigint      NOT NULL, -- its ledgers may grant for so long after a renewal
    ledgers      integer     NOT NULL,
    PRIMARY KEY (service_id, silo)
);
