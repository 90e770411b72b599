using System.Text;
using Orleans;
using Orleans.Fallback.AdoNet;
using Orleans.Runtime;

namespace Admission.Engine.Tests.FallbackOnly;

/// <summary>How storage in a database tells keys apart.</summary>
public sealed class StorageKeyTests
{
    private static readonly string[] Odd =
    [
        "a", "A", "0", "00", "1", "01", "-1", "FFFFFFFFFFFFFFFF", "ffffffffffffffff", "cafe", "CAFE", " 1", "1 ", "1+x", "1+", "+", "/", "'", "\"", "@x",
        "%", "_", "ä", "a\u0308", "\u4f60", "\U0001f600", "00000000000000000000000000000000", "00000000000000000000000000000001",
        "6f9619ff8b86d011b42d00c04fc964ff", "6F9619FF8B86D011B42D00C04FC964FF", "6f9619ff-8b86-d011-b42d-00c04fc964ff", new string('x', 512),
    ];

    [Fact]
    public void Different_keys_are_different_rows() =>
        Odd.Select(key => Of(IdSpan.Create(key))).Distinct().Count().ShouldBe(Odd.Length);

    [Fact]
    public void Numbers_and_guids_are_kept_as_numbers()
    {
        Of(GrainIdKeyExtensions.CreateIntegerKey(-5)).ShouldBe(new StorageKey(0, -5, null, "state", "service"));
        var guid = Guid.Parse("6f9619ff-8b86-d011-b42d-00c04fc964ff");
        var key = Of(GrainIdKeyExtensions.CreateGuidKey(guid));
        key.Extension.ShouldBeNull();
        new Guid([.. BitConverter.GetBytes(key.N0), .. BitConverter.GetBytes(key.N1)]).ShouldBe(guid);
    }

    // Computed by another program that was written from the function's description.
    [Theory]
    [InlineData("", -1119235827)]
    [InlineData("a", 703514648)]
    [InlineData("abcd", 1525030821)]
    [InlineData("abcdefgh", 88045406)]
    [InlineData("abcdefghijk", -450130356)]
    [InlineData("abcdefghijkl", 186334885)]
    [InlineData("The quick brown fox jumps over the lazy dog", -65709858)]
    public void The_hash_is_that_of_1996(string text, int hash) => JenkinsHash.Compute(Encoding.UTF8.GetBytes(text)).ShouldBe(hash);

    private static StorageKey Of(IdSpan key) => StorageKey.Of(new GrainId(GrainType.Create("type"), key), "state", "service");
}
