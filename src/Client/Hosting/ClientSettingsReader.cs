using Admission.Capacity;
using Admission.Grains.Cluster;
using Admission.Grains.Configuration;
using Microsoft.Extensions.Configuration;

namespace Admission.Client.Hosting;

/// <summary>Reads the section <c>Admission</c> of a program that uses the client library, and reports every mistake at once.</summary>
internal static class ClientSettingsReader
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Admission";

    // BackendPolicyRules names the policy's properties; people know them by where they stand in the file.
    private static readonly (string Property, string Key)[] Places =
        [("QueueCapacity", "Queue:Capacity"), ("MaxWait", "Queue:MaxWait"), ("Discipline", "Queue:Discipline"), ("DelayTarget", "Queue:Target"), ("DelayInterval", "Queue:Interval")];

    /// <summary>Reads the settings.</summary>
    /// <param name="section">The section.</param>
    /// <param name="inCluster">Whether calls to ledgers go over a network, which asks for longer leases.</param>
    /// <param name="errors">Takes the mistakes; the settings mean something only when none was added.</param>
    public static ClientSettings Read(IConfigurationSection section, bool inCluster, List<string> errors)
    {
        var reader = new SectionReader(section, errors);
        var defaults = new ClientSettings { Backends = new Dictionary<string, BackendPolicy>() };
        var backends = new Dictionary<string, BackendPolicy>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, backend) in reader.Children("Backends"))
        {
            if (CapacityGrainKey.IsShadow(name))
            {
                backend.Error("", "a name with this end is kept for what is decided in shadow. Give the backend another.");
            }

            backends.Add(name, ReadPolicy(backend, inCluster));
        }

        var holder = reader.Text("HolderName");
        if (holder is { Length: 0 or > AdmissionClientOptions.LongestName })
        {
            reader.Error("HolderName", $"a name of {holder.Length} characters is not possible. Give 1 to {AdmissionClientOptions.LongestName}.");
        }

        var settings = defaults with
        {
            DataFolder = reader.Text("DataFolder") ?? defaults.DataFolder,
            StartTimeout = reader.Duration("StartTimeout", defaults.StartTimeout, TimeSpan.Zero, ClientSettings.LongestStart),
            HolderName = holder,
            Backends = backends,
        };
        reader.RefuseTheRest();
        return settings;
    }

    private static BackendPolicy ReadPolicy(SectionReader reader, bool inCluster)
    {
        var defaults = new BackendPolicy();
        var queue = reader.Child("Queue");
        var before = reader.ErrorCount;
        var policy = new BackendPolicy
        {
            Limit = reader.Count("Limit"),
            Overflow = reader.Choice("Overflow", ("Refuse", Overflow.Refuse), ("Wait", Overflow.Wait)) ?? defaults.Overflow,
            QueueCapacity = queue.Count("Capacity") ?? defaults.QueueCapacity,
            MaxWait = queue.Duration("MaxWait") ?? defaults.MaxWait,
            IgnoresPatience = queue.Choice("Patience", ("Learn", false), ("Off", true)) ?? defaults.IgnoresPatience,
            Discipline = queue.Choice("Discipline", ("Fifo", QueueDiscipline.Fifo), ("CoDel", QueueDiscipline.CoDel), ("AdaptiveLifo", QueueDiscipline.AdaptiveLifo)) ?? defaults.Discipline,
            DelayTarget = queue.Duration("Target") ?? defaults.DelayTarget,
            DelayInterval = queue.Duration("Interval") ?? defaults.DelayInterval,
            LeaseTtl = reader.Duration("LeaseTtl") ?? defaults.LeaseTtl,
            RunTimeout = reader.Duration("RunTimeout") ?? defaults.RunTimeout,
            Quarantine = reader.Duration("Quarantine"),
            OnLeaseLost = reader.Choice("OnLeaseLost", ("Cancel", OnLeaseLost.Cancel), ("Continue", OnLeaseLost.Continue)) ?? defaults.OnLeaseLost,
            ExplainWaitsOver = reader.Duration("ExplainWaitsOver") ?? defaults.ExplainWaitsOver,
        };
        if (policy.Limit is null && reader.ErrorCount == before)
        {
            reader.Error("Limit", "missing. Say how many permits there are in the whole cluster, such as 20.");
            policy = policy with { Limit = 1 };
        }

        if (reader.Has("Queue") && !reader.Has("Overflow"))
        {
            reader.Error("Overflow", "a Queue is given, but not whether it is used. Say Wait to use it, or Refuse to leave it unused.");
        }

        CheckPolicy(reader, policy.Limit is null ? policy with { Limit = 1 } : policy, inCluster);
        queue.RefuseTheRest();
        reader.RefuseTheRest();
        return policy;
    }

    private static void CheckPolicy(SectionReader reader, BackendPolicy policy, bool inCluster)
    {
        foreach (var error in BackendPolicyRules.Validate(policy))
        {
            var split = error.IndexOf(": ", StringComparison.Ordinal);
            var key = error[..split];
            foreach (var (property, place) in Places)
            {
                key = string.Equals(key, property, StringComparison.Ordinal) ? place : key;
            }

            reader.Error(key, error[(split + 2)..]);
        }

        if (inCluster && ClusterTimes.CheckLease(policy.LeaseTtl) is { } wrong)
        {
            reader.Error("LeaseTtl", wrong);
        }
    }
}
