using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Fallback.Membership;
using Orleans.Runtime;

namespace Orleans.Fallback.Engine;

internal sealed class GrainCollectionOptionsValidator(IOptions<GrainCollectionOptions> options) : IConfigurationValidator
{
    public void ValidateConfiguration()
    {
        var value = options.Value;
        if (value.CollectionQuantum <= TimeSpan.Zero)
        {
            throw new OrleansConfigurationException(
                $"{nameof(GrainCollectionOptions)}.{nameof(value.CollectionQuantum)} must be more than zero and is {value.CollectionQuantum}.");
        }

        foreach (var (name, age) in value.ClassSpecificCollectionAge.Append(new(nameof(value.CollectionAge), value.CollectionAge)))
        {
            if (age <= value.CollectionQuantum)
            {
                throw new OrleansConfigurationException($"{nameof(GrainCollectionOptions)}: {name} is {age}, and must be more than "
                    + $"{nameof(value.CollectionQuantum)}, which is {value.CollectionQuantum}.");
            }
        }
    }
}

internal sealed class ClientClusteringValidator(IServiceProvider services) : IConfigurationValidator
{
    public void ValidateConfiguration()
    {
        if (services.GetService(typeof(IClusterMembership)) is null)
        {
            throw new OrleansConfigurationException(
                "The client does not know how to find a cluster. Use UseLocalhostClustering(...) or UseAdoNetClustering(...).");
        }
    }
}

internal sealed class ClusterOptionsValidator(IOptions<ClusterOptions> options) : IConfigurationValidator
{
    public void ValidateConfiguration()
    {
        if (string.IsNullOrWhiteSpace(options.Value.ClusterId) || string.IsNullOrWhiteSpace(options.Value.ServiceId))
        {
            throw new OrleansConfigurationException(
                $"{nameof(ClusterOptions)}: {nameof(ClusterOptions.ClusterId)} and {nameof(ClusterOptions.ServiceId)} must not be empty.");
        }
    }
}
