using Admission.Capacity;
using Admission.Grains.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace Admission.Frontend.Configuration;

/// <summary>
/// Reads <c>Proposed</c> of a backend: a policy beside the one that is enforced, which is decided in shadow. What it does not say is as in the one that is enforced.
/// </summary>
/// <remarks>
/// Keys are taken over one by one, but for those that only mean something together: where it gives any limit, all limits are its own, and where it gives <c>Priorities</c> or
/// <c>Tenants</c>, these are its own as a whole.
/// </remarks>
internal sealed class ProposedPolicy
{
    /// <summary>The section's name.</summary>
    public const string Key = "Proposed";

    private static readonly string[] Limits = ["Limit", "DestinationLimit", "Destinations", "Profile"];
    private static readonly string[] Wholes = ["Priorities", "Tenants"];

    // What a backend has beside its policy, and what says how the policy is decided.
    private static readonly string[] NoPolicy = [Key, "Shadow", "Classify", "Jobs", HoldReader.Key, "RequestBuffer", "ResponseBuffer"];

    private readonly SectionReader _backend;
    private readonly int _errorsBefore;

    private ProposedPolicy(SectionReader backend)
    {
        _backend = backend;
        _errorsBefore = backend.ErrorCount;
    }

    /// <summary>Finds the proposal of a backend; null if there is none. To be called before the policy that is enforced is read.</summary>
    public static ProposedPolicy? Find(SectionReader backend)
    {
        if (!backend.Has(Key))
        {
            return null;
        }

        if (backend.Children(Key).Any())
        {
            return new ProposedPolicy(backend);
        }

        backend.Error(Key, "a value is given where a section belongs. Write the settings of the policy to try under it, such as Limit.");
        return null;
    }

    /// <summary>Reads the policy; mistakes go to the backend's errors. Not judged while the policy that is enforced has mistakes: most would be told twice.</summary>
    public BackendPolicy? Read(ClusterConfig? cluster)
    {
        if (_backend.ErrorCount > _errorsBefore)
        {
            return null;
        }

        var path = $"{_backend.Path}:{Key}";
        var own = _backend.Values(Key).ToList();
        var ownKeys = own.Select(entry => Top(entry.Key)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var replaced = new HashSet<string>(NoPolicy, StringComparer.OrdinalIgnoreCase);
        replaced.UnionWith(Limits.Any(ownKeys.Contains) ? Limits : []);
        replaced.UnionWith(Wholes.Where(ownKeys.Contains));
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in _backend.Values("").Where(entry => !replaced.Contains(Top(entry.Key))).Concat(own))
        {
            settings[$"{path}:{key}"] = value;
        }

        var reader = _backend.Over(new ConfigurationBuilder().AddInMemoryCollection(settings).Build().GetSection(path));
        var policy = BackendReader.ReadPolicy(reader, cluster, out _);
        reader.RefuseTheRest();
        return policy;
    }

    private static string Top(string key) => key.IndexOf(':', StringComparison.Ordinal) is var end and >= 0 ? key[..end] : key;
}
