namespace Admission.Capacity;

/// <summary>What a destination may be sent at present.</summary>
[GenerateSerializer, Alias("Admission.DestinationCondition")]
public enum DestinationCondition
{
    /// <summary>Never sent: a missing field fails loudly.</summary>
    None = 0,

    /// <summary>As much as its limit.</summary>
    InService = 1,

    /// <summary>Nothing: it has failed. When its pause is over, the next request is its trial.</summary>
    Withheld = 2,

    /// <summary>One request, which is on its way and decides.</summary>
    Trial = 3,

    /// <summary>A share of its limit, which grows in steps: it has just come back.</summary>
    SlowStart = 4,
}
