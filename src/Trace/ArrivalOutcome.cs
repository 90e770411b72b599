namespace Admission.Trace;

/// <summary>What became of a recorded request.</summary>
public enum ArrivalOutcome
{
    /// <summary>Never written: a line that does not say is a mistake.</summary>
    None = 0,

    /// <summary>It got its permits and ran.</summary>
    Served = 1,

    /// <summary>It was refused, or its destination could not serve it.</summary>
    Refused = 2,

    /// <summary>Its client left while it waited, or before it was served.</summary>
    Left = 3,
}
