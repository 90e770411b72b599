namespace Admission.Capacity;

/// <summary>How a limit finds itself.</summary>
[GenerateSerializer, Alias("Admission.LimitAlgorithm")]
public enum LimitAlgorithm
{
    /// <summary>Never sent: a missing field fails loudly.</summary>
    None = 0,

    /// <summary>Follows the ratio of unloaded to present time in use. The default.</summary>
    Gradient2 = 1,

    /// <summary>Steps up while the backend keeps up, and down to nine tenths when it does not.</summary>
    Aimd = 2,

    /// <summary>Keeps the queue inside the backend between two small shares of the limit.</summary>
    Vegas = 3,
}
