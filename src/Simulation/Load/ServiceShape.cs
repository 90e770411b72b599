namespace Admission.Simulator;

/// <summary>How service times are distributed around their mean.</summary>
public enum ServiceShape
{
    /// <summary>Never used.</summary>
    None = 0,

    /// <summary>Exponentially.</summary>
    Exponential = 1,

    /// <summary>All the same.</summary>
    Constant = 2,

    /// <summary>Lognormally, with a standard deviation of 1 of the logarithm: a tail as of real servers, and a median of 61 % of the mean.</summary>
    Lognormal = 3,
}
