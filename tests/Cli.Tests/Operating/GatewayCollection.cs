namespace Admission.Cli.Tests.Operating;

/// <summary>One gateway for all tests that need one, one test at a time.</summary>
[CollectionDefinition(Name)]
public sealed class GatewayCollection : ICollectionFixture<Support.RunningGateway>
{
    public const string Name = "gateway";
}
