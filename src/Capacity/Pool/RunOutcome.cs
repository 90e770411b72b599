namespace Admission.Capacity;

/// <summary>How a request's time at its destination ended, as its holder saw it.</summary>
public enum RunOutcome
{
    /// <summary>Never given.</summary>
    None = 0,

    /// <summary>The destination answered, with whatever status.</summary>
    Served = 1,

    /// <summary>No connection could be made.</summary>
    ConnectFailed = 2,

    /// <summary>It did not answer in time.</summary>
    TimedOut = 3,

    /// <summary>The connection broke before the answer was complete.</summary>
    Broken = 4,

    /// <summary>Nothing can be said of the destination: the client left, the lease was lost, nothing was sent.</summary>
    Unknown = 5,

    /// <summary>The destination answered that it is overloaded: HTTP 503.</summary>
    Overloaded = 6,
}
