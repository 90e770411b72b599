namespace Admission.Cli.Top;

/// <summary>By what <c>top</c> sorts, the worst or largest first.</summary>
internal enum TopSort
{
    /// <summary>By what is wrong.</summary>
    Trouble,

    /// <summary>By name.</summary>
    Name,

    /// <summary>By the share of the limit that is in use.</summary>
    Use,

    /// <summary>By how many wait.</summary>
    Waiting,

    /// <summary>By refusals a second.</summary>
    Refused,
}
