namespace Admission.EndToEnd.Cluster.Faults;

/// <summary>What is done to a cluster.</summary>
internal enum FaultKind
{
    /// <summary>kill -9 of a silo; it is started again.</summary>
    KillSilo,

    /// <summary>kill -9 of a frontend; it is started again.</summary>
    KillFrontend,

    /// <summary>SIGSTOP, later SIGCONT.</summary>
    HangSilo,

    /// <summary>SIGSTOP, later SIGCONT.</summary>
    HangFrontend,

    /// <summary>SIGTERM; it is started again.</summary>
    StopSilo,

    /// <summary>SIGTERM; it is started again.</summary>
    StopFrontend,

    /// <summary>A frontend and a silo: connections are reset.</summary>
    CutFrontendSilo,

    /// <summary>A frontend and a silo: nothing arrives, one way or both.</summary>
    BlackHoleFrontendSilo,

    /// <summary>A frontend and a silo: everything comes late.</summary>
    DelayFrontendSilo,

    /// <summary>A frontend and all silos: nothing arrives.</summary>
    IsolateFrontend,

    /// <summary>Two silos: connections are reset.</summary>
    CutSiloSilo,

    /// <summary>Two silos: nothing arrives, one way or both.</summary>
    BlackHoleSiloSilo,

    /// <summary>A silo and the database: connections are reset.</summary>
    CutSiloDatabase,

    /// <summary>A silo and the database: nothing arrives.</summary>
    BlackHoleSiloDatabase,

    /// <summary>PostgreSQL is stopped in order, and started again.</summary>
    StopDatabase,

    /// <summary>PostgreSQL is killed, and started again.</summary>
    KillDatabase,

    /// <summary>PostgreSQL hangs with all its connections: SIGSTOP, later SIGCONT.</summary>
    HangDatabase,

    /// <summary>A backend is killed, and started again.</summary>
    KillBackend,

    /// <summary>A limit goes down, and up again.</summary>
    ChangeLimit,

    /// <summary>kill -9 of a program that holds leases; it is started again.</summary>
    KillHolder,

    /// <summary>A program that holds leases is stopped for longer than they last: SIGSTOP, later SIGCONT.</summary>
    HangHolder,
}
