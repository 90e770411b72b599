namespace Admission.Dashboard.Tests.Browsing;

/// <summary>Tests in a browser: one browser and one host for all of them, one test at a time.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserTests : ICollectionFixture<Browser>
{
    public const string Name = "browser";
}
