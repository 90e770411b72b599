namespace Admission.Dashboard.Components.Formatting;

/// <summary>How much somebody has to care.</summary>
public enum Severity
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>Somebody wanted it so, or it is passing.</summary>
    Notice,

    /// <summary>It may become worse.</summary>
    Warning,

    /// <summary>Requests fail.</summary>
    Bad,
}
