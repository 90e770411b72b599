using System.Buffers.Text;
using System.Text;

namespace Admission.Capacity.Tests;

public class CapacityGrainKeyTests
{
    [Theory]
    [InlineData("model")]
    [InlineData("1")]
    [InlineData("01")]
    [InlineData("0a+b")]
    [InlineData("backend/a")]
    [InlineData("6f9619ff8b86d011b42d00c04fc964ff")]
    public void Gives_the_backend_back_and_no_part_of_it_reads_as_a_number_or_a_GUID(string backend)
    {
        var key = CapacityGrainKey.Of(backend);
        CapacityGrainKey.BackendOf(key).ShouldBe(backend);

        // As Orleans' storage reads keys: as a whole, and up to a plus sign.
        foreach (var part in new[] { key, key.Split('+')[0] })
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            (Utf8Parser.TryParse(bytes, out long _, out var read, 'X') && read == bytes.Length).ShouldBeFalse(part);
            Guid.TryParse(part, out _).ShouldBeFalse(part);
        }
    }

    [Fact]
    public void Refuses_a_key_that_it_has_not_made() =>
        Should.Throw<ArgumentException>(() => CapacityGrainKey.BackendOf("model")).Message.ShouldContain("'model'");
}
