using Admission.Grains.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace Admission.Frontend.Discovery;

/// <summary>What a destination's metadata says about how it is found: <c>Admission.Resolve: Dns</c> makes a destination of each address of its name.</summary>
/// <param name="Every">How often DNS is asked. 500 ms to 10 min; default 5 s.</param>
internal sealed record Resolving(TimeSpan Every)
{
    /// <summary>The key, whose only value is <see cref="Dns"/>.</summary>
    public const string Key = "Admission.Resolve";

    /// <summary>The key of <see cref="Every"/>.</summary>
    public const string EveryKey = "Admission.Resolve.Every";

    /// <summary>The value.</summary>
    public const string Dns = "Dns";

    /// <summary>In the metadata of what was found: the destination that it was found by.</summary>
    public const string FoundByKey = "Admission.FoundBy";

    /// <summary>In the metadata of what stands for a name for which DNS has not answered yet: the name.</summary>
    public const string NotKnownKey = "Admission.NotKnown";

    private static readonly TimeSpan Default = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Most = TimeSpan.FromMinutes(10);

    /// <summary>Whether each address of the destination's name is to be a destination.</summary>
    public static bool IsWanted(DestinationConfig destination) => destination.Metadata?.ContainsKey(Key) == true;

    /// <summary>The name for which DNS has not answered yet, where the cluster's destinations depend on it; null where they are known.</summary>
    public static string? NotKnown(ClusterConfig cluster) =>
        cluster.Destinations?.Values.Select(static destination => destination.Metadata?.GetValueOrDefault(NotKnownKey)).FirstOrDefault(static host => host is not null);

    /// <summary>Reads it.</summary>
    /// <param name="destination">The destination.</param>
    /// <param name="error">What is wrong, after the path of the destination; null if nothing.</param>
    /// <returns>Null where the destination is one by itself, or something is wrong.</returns>
    public static Resolving? Read(DestinationConfig destination, out string? error)
    {
        error = null;
        if (!IsWanted(destination))
        {
            error = destination.Metadata?.ContainsKey(EveryKey) == true ? $"Metadata:{EveryKey}: needs {Key}: {Dns} beside it." : null;
            return null;
        }

        if (!string.Equals(destination.Metadata![Key], Dns, StringComparison.OrdinalIgnoreCase))
        {
            error = $"Metadata:{Key}: '{destination.Metadata[Key]}' is not understood. Write {Dns}, or leave it out.";
            return null;
        }

        var every = Default;
        if (destination.Metadata.TryGetValue(EveryKey, out var text) && (!Durations.TryParse(text, out every) || every < Least || every > Most))
        {
            error = $"Metadata:{EveryKey}: '{text}' is not possible. Give a time from 500ms to 10m, such as 5s.";
            return null;
        }

        if (!Uri.TryCreate(destination.Address, UriKind.Absolute, out var address) || address.HostNameType != UriHostNameType.Dns)
        {
            error = $"Address: '{destination.Address}' has no name that DNS could know. Give one such as http://model-server:8000, or leave Metadata:{Key} out.";
            return null;
        }

        return new Resolving(every);
    }
}
