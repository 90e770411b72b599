namespace Orleans.Runtime;

/// <summary>Where a silo stands in its life; the numbers are those of the membership table.</summary>
public enum SiloStatus
{
    /// <summary>Not known.</summary>
    None = 0,

    /// <summary>Its row is written.</summary>
    Created = 1,

    /// <summary>It looks whether it reaches the others.</summary>
    Joining = 2,

    /// <summary>It takes grains.</summary>
    Active = 3,

    /// <summary>It hands its grains on, and takes no new ones.</summary>
    ShuttingDown = 4,

    /// <summary>It stops.</summary>
    Stopping = 5,

    /// <summary>It is gone for good, by its own word or by the others' votes.</summary>
    Dead = 6,
}
