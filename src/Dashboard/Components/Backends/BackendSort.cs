namespace Admission.Dashboard.Components.Backends;

/// <summary>What backends are sorted by.</summary>
public enum BackendSort
{
    /// <summary>How bad it is.</summary>
    Trouble,

    /// <summary>The name.</summary>
    Name,

    /// <summary>The part of the limit that is not free.</summary>
    Utilisation,

    /// <summary>Tickets in the queue.</summary>
    Waiting,

    /// <summary>Refusals a second.</summary>
    Refused,

    /// <summary>Requests a second that got their permit.</summary>
    Served,

    /// <summary>The wait that half of them had.</summary>
    WaitP50,

    /// <summary>The wait that 99 of 100 had.</summary>
    WaitP99,
}
